"""Runs the jobs of a local farm on this machine.

:class:`Runner` owns the thread of a ``dispatcher``, which expands new jobs, releases the steps whose dependencies are done
and interrupts what is no longer wanted, and a ``crew`` with one thread for each worker. A worker claims a job in the
database (``claims``), runs a session of it (``session``) with Open Job Description's own runtime (``runtime``), records
every action (``actions``) and moves tasks, steps and jobs on (``outcomes``). Attachments come and go through
``deadline.job_attachments`` (``attachments``). What the processes print goes to CloudWatch Logs (``logs``), and what the
workers do as well (``worker_logs``).

Everything that must survive the farm stands in the database: after a crash ``recovery`` makes the tasks that were running
ready again, and ``orphans`` ends what is left of their processes.
"""

from local_farm.runner.runner import Runner

__all__ = ["Runner"]
