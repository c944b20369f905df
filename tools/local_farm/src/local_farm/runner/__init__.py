"""Runs the jobs of a local farm on this machine.

:class:`Runner` owns a *dispatcher* thread, which expands new jobs, releases the steps whose dependencies are done and
interrupts what is no longer wanted, and one thread for each worker. A worker claims a job in the database (``claims``),
runs a session of it (``session``) with Open Job Description's own runtime (``runtime``), records every action
(``actions``) and moves tasks, steps and jobs on (``outcomes``). Attachments come and go through
``deadline.job_attachments`` (``attachments``), what the processes print goes to CloudWatch Logs (``logs``).

Everything that must survive the farm stands in the database: after a crash :mod:`local_farm.runner.recovery` makes
the tasks that were running ready again.
"""

from local_farm.runner.runner import Runner

__all__ = ["Runner"]
