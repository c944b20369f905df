"""Showing a job's files to its tasks without copying them first: a program mounts each asset root as a file system.

The program, ``deadline_vfs``, is installed on a worker beside this package; it gets a manifest, fetches the content of a file
when that is first read, and keeps it in a cache below the session's folder. It runs as the job's user, through ``sudo``.

=================  ===================================================================
module             subject
=================  ===================================================================
:mod:`.constants`  names of files, folders and environment variables
:mod:`.program`    where the program and what belongs to it is installed
:mod:`.pid_file`   the mounts of a session, kept in a file
:mod:`.mounts`     mount points: making, asking, waiting, unmounting
:mod:`.process`    one run of the program, for one asset root
:mod:`.mounting`   all asset roots of a session
=================  ===================================================================

Commands are lists of arguments and never pass through a shell.
"""
