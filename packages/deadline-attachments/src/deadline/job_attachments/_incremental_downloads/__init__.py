"""Downloading the outputs of a queue again and again, each time what is new since the last.

===================================  ==========================================================================
module                               subject
===================================  ==========================================================================
:mod:`.incremental_download_state`   the checkpoint: which outputs were handled, in a file
:mod:`.discovery`                    the output manifests of session actions, found in S3
:mod:`.local_paths`                  where the files of another machine's manifest belong on this one
:mod:`.manifests`                    reading many manifests, with paths of this machine
:mod:`.files`                        bringing their files into place
:mod:`._manifest_s3_downloads`       a door to the last four
===================================  ==========================================================================

A run asks the service for jobs, sessions and session actions; that is up to the caller. Everything here may be called
from several threads at once, for different jobs.
"""
