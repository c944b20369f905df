"""What ``deadline queue sync-output`` prints: a report in sections, or the result as JSON.

The report is held back until there is something new, so that runs without news print one line each.
"""

from __future__ import annotations

import difflib
import json
import os
import time
from datetime import datetime, timedelta
from typing import Any, Callable, Dict, List, Mapping, Optional

import click

from deadline.client.api.incremental_download.categories import CategorizedJob, Category
from deadline.client.api.incremental_download.events import (
    DOWNLOADING,
    DownloadPlanned,
    DownloadProgress,
    JobsSorted,
    PathsMapped,
    PathsUnmapped,
    QueueKnown,
    StepDone,
    SyncOutputEvent,
    Warned,
    WindowKnown,
)
from deadline.client.api.incremental_download.result import SyncOutputResult
from deadline.job_attachments.api import human_readable_file_size, summarize_path_list
from deadline.job_attachments.models import PathFormat

from ...interrupts import Interrupt
from ...output import print_json

LABEL_COLUMNS = 12
TAG_COLUMNS = 9
CODE_COLUMNS = 18
DETAIL_INDENT = 14
DURATION_COLUMN = 56
LONGEST_SUMMARY = 30
PROGRESS_SECONDS = 20.0
SHOWN_SECONDS = 1.0
"""Steps that took less are shown without their duration."""

TAGS = {
    Category.ADDED: "NEW",
    Category.UPDATED: "UPDATED",
    Category.UNCHANGED: "UNCHANGED",
    Category.INACTIVE: "RETIRED",
    Category.ATTACHMENTS_FREE: "NEW",
    Category.MISSING_STORAGE_PROFILE: "UNMAPPED",
}
NOTES = {
    Category.ATTACHMENTS_FREE: "has no job attachments",
    Category.MISSING_STORAGE_PROFILE: "was submitted without a storage profile; nothing is downloaded",
}


class JsonReport:
    """Prints nothing but the result."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt

    def show(self, event: SyncOutputEvent) -> None:
        """Say nothing."""

    def keep_going(self) -> bool:
        """Until Ctrl-C."""
        return self._interrupt.go_on()

    def fail(self) -> None:
        """Say nothing; the error is told by itself."""

    def finish(self, result: SyncOutputResult) -> None:
        """Print the result."""
        print_json(result.to_dict(), indent=2)


class TextReport:
    """Prints a report while the run goes on, from the first news on."""

    def __init__(self, interrupt: Interrupt, *, verbose: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._interrupt = interrupt
        self._held: Optional[List[str]] = None if verbose else []
        self._section: Optional[str] = None
        self._clock = clock
        self._progress_due = 0.0
        self._window: Optional[WindowKnown] = None
        self._printers: Dict[type, Callable[[Any], None]] = {
            QueueKnown: self._queue,
            WindowKnown: self._window_known,
            StepDone: self._step,
            JobsSorted: self._jobs,
            PathsMapped: self._rules,
            PathsUnmapped: self._unmapped,
            DownloadPlanned: self._planned,
            DownloadProgress: self._progress,
            Warned: self._warning,
        }

    def show(self, event: SyncOutputEvent) -> None:
        """Print an event."""
        printer = self._printers.get(type(event))
        if printer is not None:
            printer(event)

    def keep_going(self) -> bool:
        """Until Ctrl-C."""
        return self._interrupt.go_on()

    def fail(self) -> None:
        """An error ends the run: print what had been done, if anything had."""
        if self._window is not None:
            self._release()

    def _release(self) -> None:
        """Print what is held back: something is new, or went wrong."""
        held, self._held = self._held, None
        for line in held or ():
            click.echo(line)

    def finish(self, result: SyncOutputResult) -> None:
        """Print the summary, or one line where there is no news."""
        if self._held is not None and not result.has_news:
            click.echo(f"OK  {result.queue_name}: nothing new, {self._checked()}")
            return
        self._release()
        self._summarize(result)
        failed = bool(result.failures)
        click.echo()
        click.echo(f"{click.style('FAILED', fg='red') if failed else 'OK'}  {_outcome(result)}")

    def _queue(self, event: QueueKnown) -> None:
        self._heading(f"Queue {event.queue['displayName']}{', dry run: nothing is written' if event.dry_run else ''}")
        profile = event.storage_profile
        self._labelled("checkpoint", _short(event.checkpoint_file))
        self._labelled(
            "storage",
            f"{profile['displayName']} ({profile['storageProfileId']})" if profile else "storage profiles are ignored",
        )

    def _window_known(self, event: WindowKnown) -> None:
        self._window = event
        since = _local(event.since)
        if event.bootstrap is None:
            self._labelled("state", f"goes on from {since}")
        else:
            why = "forced to begin anew" if event.bootstrap == "forced" else "no checkpoint was found"
            self._labelled("state", f"begins at {since}, {_duration(event.lookback)} back: {why}")
        self._labelled("window", f"{since} to {_local(event.until)}")

    def _step(self, event: StepDone) -> None:
        if event.text == DOWNLOADING:
            self._heading("Download")
        elif self._section != "Path mapping":
            self._heading("Service queries")
        took = _duration(timedelta(seconds=event.seconds)) if event.seconds >= SHOWN_SECONDS else ""
        self._line(f"  {event.text}".ljust(DURATION_COLUMN) + took if took else f"  {event.text}")

    def _jobs(self, event: JobsSorted) -> None:
        self._heading("Service queries")
        for job in event.jobs:
            note = NOTES.get(job.category, f"{job.succeeded_tasks}/{job.total_tasks} tasks succeeded")
            self._line(f"    {_tag(job):{TAG_COLUMNS}} {job.name} ({note})")
            for detail in _details(job):
                self._line(" " * DETAIL_INDENT + detail)
        if any(job.is_news for job in event.jobs):
            self._release()

    def _rules(self, event: PathsMapped) -> None:
        self._heading("Path mapping")
        self._line(f"  {event.profile_name}, {_count(event.jobs, 'job')}")
        for source, destination in event.rules:
            self._line(f"    {source} -> {destination}")

    def _unmapped(self, event: PathsUnmapped) -> None:
        self._release()
        self._heading("Path mapping")
        self._line(
            f"    {'UNMAPPED':{TAG_COLUMNS}} {event.job.name} ({_count(len(event.paths), 'file')} not downloaded)"
        )
        self._line(" " * DETAIL_INDENT + f"storage profile {event.profile_name}")
        formats = {root["rootPathFormat"] for root in event.job.job["attachments"]["manifests"]}
        text = summarize_path_list(
            event.paths, path_format=PathFormat(min(formats)) if formats else None, max_entries=LONGEST_SUMMARY
        )
        for line in text.splitlines():
            self._line(" " * DETAIL_INDENT + line)

    def _planned(self, event: DownloadPlanned) -> None:
        if not event.files:
            return
        self._release()
        self._heading("Download")
        self._line(
            f"  {_count(event.files, 'file')} ({human_readable_file_size(event.bytes)}) of {_count(event.task_runs, 'task run')} "
            f"of {_count(event.jobs, 'job')}"
        )
        sizes = dict(event.sizes_by_path)
        text = summarize_path_list(sizes, total_size_by_path=sizes, max_entries=LONGEST_SUMMARY)
        for line in text.splitlines():
            self._line(f"    {line}")

    def _progress(self, event: DownloadProgress) -> None:
        now = self._clock()
        if now >= self._progress_due or event.percent >= 100:
            self._progress_due = now + PROGRESS_SECONDS
            self._line(f"  {event.percent:3.0f}%  {event.message}")

    def _warning(self, event: Warned) -> None:
        self._release()
        self._line(f"  {click.style('WARNING: ', fg='yellow')}{event.text}")

    def _summarize(self, result: SyncOutputResult) -> None:
        self._heading("Summary")
        would = "to be " if result.dry_run else ""
        self._labelled("files", f"{result.files} {would}downloaded ({human_readable_file_size(result.bytes)})")
        failed = f", {len(result.failures)} failed" if result.failures else ""
        self._labelled("jobs", f"{result.downloaded_jobs} with new files{failed}")
        self._labelled("task runs", str(result.task_runs))
        if result.skipped_files:
            self._labelled("skipped", f"{_count(result.skipped_files, 'file')} stayed as they were")
        if result.unmapped_files:
            self._labelled("unmapped", f"{_count(result.unmapped_files, 'file')} without a place on this machine")
        for number, failure in enumerate(result.failures):
            what = f"{failure.code:{CODE_COLUMNS}} {failure.name} ({failure.job_id})"
            self._labelled("problems" if number == 0 else "", what)
            self._line(" " * DETAIL_INDENT + f"{click.style('ERROR: ', fg='red')}{_one_line(failure.message)}")
        for path in result.status_files:
            self._labelled("status file", _short(path))
        if not result.dry_run:
            self._labelled("checkpoint", f"{_short(result.checkpoint_file)}, up to {_local(result.until)}")
        self._labelled("elapsed", _duration(timedelta(seconds=result.seconds)))

    def _checked(self) -> str:
        window = self._window
        assert window is not None
        return f"{_duration(max(window.until - window.since, timedelta()))} checked at {_local(window.now)}"

    def _heading(self, section: str) -> None:
        if section != self._section:
            self._section = section
            self._line("")
            self._line(section)

    def _labelled(self, label: str, value: str) -> None:
        self._line(f"  {label:{LABEL_COLUMNS}}{value}")

    def _line(self, line: str) -> None:
        if self._held is None:
            click.echo(line)
        else:
            self._held.append(line)


def _tag(job: CategorizedJob) -> str:
    if job.category is Category.COMPLETED:
        return "NEW" if job.before is None else "UPDATED"
    return TAGS[job.category]


def _details(job: CategorizedJob) -> List[str]:
    """What there is to say of a job besides its name."""
    lines = [job.job_id]
    roots = (job.job.get("attachments") or {}).get("manifests") or ()
    if job.category in (Category.ADDED, Category.COMPLETED) and job.before is None:
        lines += [f"output in {root['rootPath']} ({root['rootPathFormat']})" for root in roots]
    elif job.category in (Category.UPDATED, Category.COMPLETED) and job.before is not None:
        lines += _difference(job.before.job, job.job)
    elif job.category is Category.ADDED:
        lines.append("it was requeued")
    return lines


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> List[str]:
    """The lines of two job records that differ."""
    old, new = (json.dumps(_changing(job), indent=2, sort_keys=True).splitlines() for job in (before, after))
    return list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]


def _changing(job: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in job.items() if name not in ("attachments", "jobParameters")}


def _outcome(result: SyncOutputResult) -> str:
    took = _duration(timedelta(seconds=result.seconds))
    done = f"{_count(result.files, 'file')}, {human_readable_file_size(result.bytes)}"
    if result.failures:
        attempted = result.downloaded_jobs + len(result.failures)
        return f"{len(result.failures)} of {_count(attempted, 'job')} failed, {took}, {done}"
    if result.dry_run:
        return f"dry run: {done} would be downloaded"
    if not result.files:
        return f"nothing to download, {took}"
    return f"{done}, {_count(result.downloaded_jobs, 'job')}, {took}"


def _short(path: str) -> str:
    """A path with ``~`` for the home folder."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith(home + os.sep) else path


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _duration(delta: timedelta) -> str:
    seconds = delta.total_seconds()
    if seconds < 0.1:
        return "<0.1s"
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _one_line(text: str) -> str:
    return " ".join(text.split())
