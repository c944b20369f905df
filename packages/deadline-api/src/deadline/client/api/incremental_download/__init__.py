"""Downloading what the jobs of a queue wrote, again and again: each time what is new since the last.

>>> from deadline.client import api
>>> api.sync_queue_output(api.SyncOutputRequest(farm_id, queue_id))  # doctest: +SKIP
SyncOutputResult(...)

A run asks for the jobs that are at work or ended since the last run, lists the sessions and session actions of those that
changed, reads the output manifests of the actions that it has not seen, maps their paths to this machine, and downloads
their files. What it has handled stands in a checkpoint file; finished jobs that do not change cost a run nothing.

================================  =====================================================================================
module                            subject
================================  =====================================================================================
:mod:`.sync`                      a run from its beginning to its end
:mod:`.request`, :mod:`.result`   what is asked for, what came of it
:mod:`.events`, :mod:`.host`      what happens meanwhile, and who is told
:mod:`.files`                     the files that runs keep, and their folder
:mod:`.pid_lock`                  one run at a time for each checkpoint
:mod:`.processes`                 whether the process that holds a lock is still the same
:mod:`.ledger`                    the checkpoint, and how it changes while a run gets on
:mod:`.failed_jobs`               how often the outputs of a job could not be downloaded
:mod:`.service`, :mod:`.parallel` calls of the service, several at a time
:mod:`.candidates`                which jobs may have new outputs
:mod:`.categories`                what became of each job since the last run
:mod:`.task_runs`                 the sessions and session actions of jobs, and the manifests of what they wrote
:mod:`.profiles`                  path mapping by storage profiles
:mod:`.outputs`                   reading manifests; which task's file counts where several wrote the same
:mod:`.transfer`                  downloading, task by task where something fails
:mod:`.failures`                  why something failed, as a code
:mod:`.status_file`               what programs such as the Deadline Cloud monitor read
:mod:`.status_entries`            the entry of each job there
================================  =====================================================================================

What a crash may cost: files are complete and verified or absent, and the checkpoint is replaced in one step, and only
after what it says is on the disk; so the next run does again what the crashed one had not noted, and finds most of it
done.
"""

from __future__ import annotations

from .host import QuietSyncHost, SyncOutputHost
from .request import SyncOutputRequest
from .result import JobFailure, SyncOutputResult
from .sync import sync_queue_output

__all__ = [
    "JobFailure",
    "QuietSyncHost",
    "SyncOutputHost",
    "SyncOutputRequest",
    "SyncOutputResult",
    "sync_queue_output",
]
