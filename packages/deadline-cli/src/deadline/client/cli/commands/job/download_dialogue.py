"""What a download says and asks: to a person on a terminal, or to a program in lines of JSON.

The lines of JSON are a protocol that the Deadline Cloud monitor and other programs speak. Each one that is printed is an
object with ``messageType`` and ``value``:

=============  ===============================================================================================
messageType    value
=============  ===============================================================================================
``title``      the name of the job
``path``       folders; a line ``{"messageType": "pathconfirm", "value": [...]}`` with as many is read then
``presummary`` the relative paths that will be downloaded, by folder
``progress``   whole percents, as text
``warning``    something that the user should know
``summary``    what was done; ``fileCount`` and ``files`` tell which files there are now
``error``      why nothing was done, or not everything
=============  ===============================================================================================
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Dict, Iterator, List, Protocol

import click

from deadline.client.exceptions import DeadlineOperationError

from ... import prompts
from ...errors import FAILED, INTERRUPTED, Interrupted, explain, log_traceback
from ...interrupts import Interrupt
from ...output import print_json
from ...progress import TransferBar

if TYPE_CHECKING:
    from deadline.client.api.job_download import JobDownloadPlan
    from deadline.job_attachments.progress_tracker import DownloadSummaryStatistics

LONGEST_LIST = 10

ProgressCallback = Callable[[Any], bool]


class Declined(Exception):
    """The user does not want the download."""


class Dialogue(Protocol):
    """Who is told about a download, and asked."""

    def errors(self) -> ContextManager[None]:
        """A block whose errors are told."""

    def begin(self, plan: JobDownloadPlan) -> None:
        """Say which job it is, and what there is to know about it."""

    def nothing_to_download(self, plan: JobDownloadPlan) -> None:
        """Say that there are no files."""

    def describe(self, plan: JobDownloadPlan) -> None:
        """Say what would be downloaded."""

    def local_folder_for(self, root: str) -> str:
        """Ask for a folder in place of one of another operating system."""

    def confirm_folders(self, plan: JobDownloadPlan) -> None:
        """Ask whether the folders are right, and change those that are not; raise :class:`Declined` for a no."""

    def resolve_conflicts(self, existing: List[str]) -> str:
        """Ask what to do with files that exist: a name of ``FileConflictResolution``, or :class:`Declined`."""

    def progress(self, interrupt: Interrupt) -> ContextManager[ProgressCallback]:
        """A block with what follows the progress."""

    def finish(self, statistics: DownloadSummaryStatistics) -> None:
        """Say what was done."""


class JsonDialogue:
    """Speaks the protocol."""

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Print an error as a record, and end the process."""
        try:
            yield
        except BrokenPipeError:
            raise
        except Exception as error:
            log_traceback()
            _record("error", _on_one_line(explain(error)))
            raise click.exceptions.Exit(INTERRUPTED if isinstance(error, Interrupted) else FAILED) from error

    def begin(self, plan: JobDownloadPlan) -> None:
        """The title, and warnings."""
        _record("title", _name_of(plan))
        for warning in plan.warnings:
            _record("warning", warning)

    def nothing_to_download(self, plan: JobDownloadPlan) -> None:
        """A summary without files."""
        _record("summary", plan.nothing, fileCount=0, files=[])

    def describe(self, plan: JobDownloadPlan) -> None:
        """The files, and a summary of what was not downloaded."""
        _record("presummary", plan.paths_by_root)
        text = f"Would download {_count(plan.total_files)}."
        planned = {"files": plan.total_files, "bytes": plan.total_bytes, "needFolders": plan.foreign_roots}
        _record("summary", text, fileCount=0, files=[], dryRun=True, planned=planned)

    def local_folder_for(self, root: str) -> str:
        """A path record with the one folder."""
        return _confirmed([root])[0]

    def confirm_folders(self, plan: JobDownloadPlan) -> None:
        """The files, and a path record with all folders."""
        by_folder = plan.paths_by_root
        _record("presummary", by_folder)
        folders = list(by_folder)
        _set_folders(plan, dict(zip(folders, _confirmed(folders))))

    def resolve_conflicts(self, existing: List[str]) -> str:
        """Programs answer by an option; what exists is kept unless they did."""
        return "CREATE_COPY"

    @contextlib.contextmanager
    def progress(self, interrupt: Interrupt) -> Iterator[ProgressCallback]:
        """A record for each report."""

        def report(report: Any) -> bool:
            _record("progress", str(int(report.progress)))
            return interrupt.go_on()

        yield report

    def finish(self, statistics: DownloadSummaryStatistics) -> None:
        """The summary."""
        files = statistics.downloaded_files
        _record("summary", f"Downloaded {_count(len(files))}.", fileCount=len(files), files=files)


class TerminalDialogue:
    """Speaks with a person; ``what`` is downloaded: the job's ``output`` or ``input``."""

    def __init__(self, what: str, agree_by: str = "--yes") -> None:
        self._what = what
        self._agree_by = agree_by

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Errors are told where all are."""
        yield

    def begin(self, plan: JobDownloadPlan) -> None:
        """The name of the job; warnings on stderr."""
        click.echo(f"Downloading the {self._what} of job {_name_of(plan)!r}")
        for note in plan.notes:
            click.echo(note)
        for warning in plan.warnings:
            click.echo(f"{click.style('WARNING:', fg='yellow')} {warning}", err=True)

    def nothing_to_download(self, plan: JobDownloadPlan) -> None:
        """A sentence."""
        click.echo(plan.nothing)

    def describe(self, plan: JobDownloadPlan) -> None:
        """The folders, with what would come to each, and what would have to be asked."""
        from deadline.job_attachments._human_size import human_readable_file_size

        size = human_readable_file_size(plan.total_bytes)
        click.echo(f"Would download {_count(plan.total_files)} ({size}) to:")
        for folder, paths in plan.paths_by_root.items():
            click.echo(f"  {folder} ({_count(len(paths))})")
        for root in plan.foreign_roots:
            click.echo(f"{root} is a folder of another operating system: you would be asked for one of this machine.")
        existing = plan.existing_files()
        if existing:
            click.echo(f"{_existing(len(existing))}.")
        click.echo("Nothing was downloaded: --dry-run.")

    def local_folder_for(self, root: str) -> str:
        """A question; there is no folder that could be proposed."""
        click.echo(f"The job has files below {root}, which is a folder of another operating system.")
        return _ask_for_folder("Download these files to which folder of this machine", default=os.getcwd())

    def confirm_folders(self, plan: JobDownloadPlan) -> None:
        """A list of folders, and a question that is asked until it is answered by yes or no."""
        while True:
            by_folder = plan.paths_by_root
            click.echo("\nFiles will be downloaded to:")
            for number, (folder, paths) in enumerate(by_folder.items()):
                click.echo(f"  [{number}] {folder} ({_count(len(paths))})")
            folders = list(by_folder)
            numbers = [str(number) for number in range(len(folders))]
            answer = prompts.choose(
                "Download there? A number changes that folder", ["y", "n", *numbers], default="y", option=self._agree_by
            )
            if answer == "y":
                return
            if answer == "n":
                click.echo("Nothing was downloaded.")
                raise Declined
            folder = folders[int(answer)]
            _set_folders(plan, {folder: _ask_for_folder("Download its files to", default=folder)})

    def resolve_conflicts(self, existing: List[str]) -> str:
        """A list of files, and a choice."""
        click.echo(f"\n{_existing(len(existing))}:")
        for path in existing[:LONGEST_LIST]:
            click.echo(f"  {path}")
        if len(existing) > LONGEST_LIST:
            click.echo(f"  ... and {len(existing) - LONGEST_LIST} more")
        click.echo("[1] Skip them  [2] Overwrite them  [3] Keep both  [n] Cancel")
        answer = prompts.choose(
            "What to do with them", ["1", "2", "3", "n"], default="3", option="--conflict-resolution"
        )
        if answer == "n":
            click.echo("Nothing was downloaded.")
            raise Declined
        return {"1": "SKIP", "2": "OVERWRITE", "3": "CREATE_COPY"}[answer]

    @contextlib.contextmanager
    def progress(self, interrupt: Interrupt) -> Iterator[ProgressCallback]:
        """A bar, which an error leaves as far as it came."""
        bar = TransferBar(f"Downloading {self._what.capitalize()}s", interrupt)
        try:
            yield bar
        finally:
            bar.end()

    def finish(self, statistics: DownloadSummaryStatistics) -> None:
        """What was done, by folder."""
        from deadline.job_attachments._human_size import human_readable_file_size

        click.echo(
            f"Downloaded {_count(len(statistics.downloaded_files))} "
            f"({human_readable_file_size(statistics.processed_bytes)}) in {statistics.total_time:.1f} seconds at "
            f"{human_readable_file_size(int(statistics.transfer_rate))}/s"
        )
        if statistics.skipped_files:
            click.echo(f"Skipped {_count(statistics.skipped_files)}")
        for folder, number in statistics.file_counts_by_root_directory.items():
            if number:
                click.echo(f"  {folder} ({_count(number)})")


def _record(message_type: str, value: Any, **members: Any) -> None:
    print_json({"messageType": message_type, "value": value, **members})


def _on_one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ended = [line if line.endswith((".", ":", ",")) else f"{line}." for line in lines]
    return " ".join(ended)


def _confirmed(folders: List[str]) -> List[str]:
    """Offer folders to the program, and read those that it wants instead."""
    _record("path", folders)
    line = sys.stdin.readline()
    if not line:
        raise DeadlineOperationError(
            "The input ended where a pathconfirm was expected. To take the folders as they are, add --yes"
        )
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise DeadlineOperationError(f"The answer is not JSON: {error}") from error
    if not isinstance(answer, dict) or answer.get("messageType") != "pathconfirm":
        raise DeadlineOperationError("The answer is no object with the messageType pathconfirm")
    value = answer.get("value")
    if not isinstance(value, list) or len(value) != len(folders):
        raise DeadlineOperationError(
            f"The answer has to have a list of as many folders as were offered: {len(folders)}"
        )
    for folder in value:
        if not isinstance(folder, str) or not os.path.isabs(folder):
            raise DeadlineOperationError(f"{folder!r} is not an absolute path")
    return value


def _set_folders(plan: JobDownloadPlan, new_folders: Dict[str, str]) -> None:
    """Change the local folders of the plan; several asset roots may have one."""
    for root, local in plan.roots.items():
        if new_folders.get(local, local) != local:
            plan.set_root(root, new_folders[local])


def _ask_for_folder(question: str, *, default: str) -> str:
    while True:
        folder = prompts.ask(question, default=default, option="--output json, and a pathconfirm for each path")
        path = os.path.abspath(os.path.expanduser(folder))
        if not os.path.exists(path) or os.path.isdir(path):
            return path
        click.echo(f"{path} is a file.")


def _name_of(plan: JobDownloadPlan) -> str:
    return str(plan.job.get("name") or plan.job.get("displayName") or plan.job["jobId"])


def _existing(number: int) -> str:
    return f"{_count(number)} of the same name {'exists' if number == 1 else 'exist'} already"


def _count(number: int) -> str:
    return f"{number} {'file' if number == 1 else 'files'}"
