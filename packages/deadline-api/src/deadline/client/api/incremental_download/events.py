"""What happens during a run, in this order: values for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Mapping, Optional, Sequence, Union

from .categories import CategorizedJob

DOWNLOADING = "Downloading"
"""The step in which files are brought."""


@dataclass(frozen=True)
class QueueKnown:
    """Which queue it is about, with which storage profile (``None`` when they are ignored) and checkpoint file."""

    queue: Mapping[str, Any]
    storage_profile: Optional[Mapping[str, Any]]
    checkpoint_file: str
    dry_run: bool


@dataclass(frozen=True)
class WindowKnown:
    """From when until when outputs are looked for.

    ``bootstrap`` is ``first`` or ``forced`` when there is no checkpoint to go on from, and ``lookback`` how far the run
    looks back then.
    """

    since: datetime
    until: datetime
    now: datetime
    bootstrap: Optional[str]
    lookback: timedelta


@dataclass(frozen=True)
class StepDone:
    """A step of the run is over, and took so many seconds."""

    text: str
    seconds: float


@dataclass(frozen=True)
class JobsSorted:
    """What became of the jobs since the last run: those of which there is something to say, and unchanged ones."""

    jobs: Sequence[CategorizedJob]


@dataclass(frozen=True)
class PathsUnmapped:
    """Files of a job have no place on this machine; ``paths`` are those of the machine that submitted it."""

    job: CategorizedJob
    profile_name: str
    paths: Sequence[str]


@dataclass(frozen=True)
class PathsMapped:
    """The rules by which paths of jobs with a storage profile are mapped: pairs of a source and a destination."""

    profile_name: str
    jobs: int
    rules: Sequence[Sequence[str]]


@dataclass(frozen=True)
class DownloadPlanned:
    """What is going to be downloaded; ``paths`` are those of this machine, with their sizes in bytes."""

    jobs: int
    task_runs: int
    files: int
    bytes: int
    sizes_by_path: Mapping[str, int]


@dataclass(frozen=True)
class DownloadProgress:
    """How far the download is, in percent of all bytes; ``message`` is about the part that is under way."""

    percent: float
    files: int
    total_files: int
    message: str


@dataclass(frozen=True)
class Warned:
    """Something that the user should know, and that does not keep the run from going on."""

    text: str


SyncOutputEvent = Union[
    QueueKnown,
    WindowKnown,
    StepDone,
    JobsSorted,
    PathsUnmapped,
    PathsMapped,
    DownloadPlanned,
    DownloadProgress,
    Warned,
]
