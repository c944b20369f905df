"""Progress of a transfer, counted in files and bytes and reported to a callback."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Dict, List, Optional

from ._human_size import human_readable_file_size

CALLBACK_INTERVAL = 1
"""Seconds after which a report is due."""
MAX_FILES_IN_CHUNK = 50
"""Completed files after which a report is due."""
LOG_INTERVAL = 300
LOG_PERCENTAGE_THRESHOLD = 10


class ProgressStatus(Enum):
    """The phase that is being reported, with its title and the verb of its messages."""

    NONE = ("NONE", "")
    PREPARING_IN_PROGRESS = ("PREPARING_IN_PROGRESS", "Processed")
    UPLOAD_IN_PROGRESS = ("UPLOAD_IN_PROGRESS", "Uploaded")
    DOWNLOAD_IN_PROGRESS = ("DOWNLOAD_IN_PROGRESS", "Downloaded")
    SNAPSHOT_IN_PROGRESS = ("SNAPSHOT_IN_PROGRESS", "Snapshotted")

    def __init__(self, title: str, verb_in_message: str) -> None:
        self.title = title
        self.verb_in_message = verb_in_message


@dataclass
class ProgressReportMetadata:
    """One report: ``progress`` in percent, ``transferRate`` in bytes a second since the last report."""

    status: ProgressStatus
    progress: float
    transferRate: float
    progressMessage: str
    processedFiles: int = 0


@dataclass
class SummaryStatistics:
    """What a transfer did. Times in seconds; skipped files needed no work."""

    total_time: float = 0.0
    total_files: int = 0
    total_bytes: int = 0
    processed_files: int = 0
    processed_bytes: int = 0
    skipped_files: int = 0
    skipped_bytes: int = 0
    transfer_rate: float = 0.0

    def aggregate(self, other: Any) -> Any:
        """Add the numbers of another transfer of the same class to these, and return these."""
        if not isinstance(other, self.__class__):
            raise TypeError(f"{type(other).__name__} cannot be added to {type(self).__name__}.")
        for name in ("time", "files", "bytes"):
            setattr(self, f"total_{name}", getattr(self, f"total_{name}") + getattr(other, f"total_{name}"))
        for name in ("processed_files", "processed_bytes", "skipped_files", "skipped_bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.transfer_rate = self.processed_bytes / self.total_time if self.total_time else 0.0
        return self

    def __str__(self) -> str:
        return (
            f"Processed {_files(self.processed_files)} totaling {human_readable_file_size(self.processed_bytes)}.\n"
            f"Skipped re-processing {_files(self.skipped_files)} totaling "
            f"{human_readable_file_size(self.skipped_bytes)}.\n"
            f"Total processing time of {round(self.total_time, ndigits=5)} seconds"
            + (f" at {human_readable_file_size(int(self.transfer_rate))}/s.\n" if self.processed_bytes else ".\n")
        )


@dataclass
class DownloadSummaryStatistics(SummaryStatistics):
    """What a download did; ``downloaded_files`` are absolute paths, sorted."""

    file_counts_by_root_directory: Dict[str, int] = field(default_factory=dict)
    downloaded_files: List[str] = field(default_factory=list)

    def aggregate(self, other: Any) -> Any:
        super().aggregate(other)
        for root, count in other.file_counts_by_root_directory.items():
            counts = self.file_counts_by_root_directory
            counts[root] = counts.get(root, 0) + count
        self.downloaded_files = sorted({*self.downloaded_files, *other.downloaded_files})
        return self

    def convert_to_summary_statistics(self) -> SummaryStatistics:
        """The numbers that every transfer has."""
        return SummaryStatistics(
            self.total_time,
            self.total_files,
            self.total_bytes,
            self.processed_files,
            self.processed_bytes,
            self.skipped_files,
            self.skipped_bytes,
            self.transfer_rate,
        )


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


class ProgressTracker:
    """Counts files and bytes, reports them to a callback now and then, and remembers whether it said to stop.

    The callback gets a :class:`ProgressReportMetadata` and answers whether to go on. It runs on whatever thread
    happens to be due for a report, never on two at once, and outside the tracker's lock, so that a slow callback holds
    up no other thread.
    """

    def __init__(
        self,
        status: ProgressStatus,
        total_files: int,
        total_bytes: int,
        on_progress_callback: Optional[Callable[[ProgressReportMetadata], bool]] = None,
        callback_interval: float = CALLBACK_INTERVAL,
        max_files_in_chunk: int = MAX_FILES_IN_CHUNK,
        logger: Optional[logging.Logger | logging.LoggerAdapter[Any]] = None,
        log_interval: float = LOG_INTERVAL,
        log_percentage_threshold: float = LOG_PERCENTAGE_THRESHOLD,
    ) -> None:
        self.status = status
        self.total_files = total_files
        self.total_bytes = total_bytes
        self.processed_files = 0
        self.processed_bytes = 0
        self.skipped_files = 0
        self.skipped_bytes = 0
        self.continue_reporting = True
        self.total_time = 0.0
        self.track_progress_callback: Callable[..., bool] = self._track
        self._callback = on_progress_callback
        self._interval = callback_interval
        self._max_files_in_chunk = max_files_in_chunk
        self._logger = logger
        self._log_interval = log_interval
        self._log_threshold = log_percentage_threshold
        self._lock = threading.Lock()
        self._reporting = threading.Lock()
        self._started = self._reported_at = self._logged_at = time.perf_counter()
        self._reported_once = False
        self._reported_files = 0
        self._reported_bytes = 0
        self._logged_progress = 0.0

    def set_total_files(self, total_files: int, total_bytes: int) -> None:
        """Say how much there is to do, where it was not known from the start."""
        with self._lock:
            self.total_files = total_files
            self.total_bytes = total_bytes

    def increase_processed(self, num_files: int = 1, file_bytes: int = 0) -> None:
        """Count work that was done, without a report."""
        with self._lock:
            self.processed_files += num_files
            self.processed_bytes += file_bytes

    def increase_skipped(self, num_files: int = 1, file_bytes: int = 0) -> None:
        """Count work that was not needed, without a report."""
        with self._lock:
            self.skipped_files += num_files
            self.skipped_bytes += file_bytes

    def _track(self, bytes_amount: int, current_file_done: bool = False) -> bool:
        """Count ``bytes_amount`` more bytes, report when it is time to, and say whether to go on."""
        self.increase_processed(1 if current_file_done else 0, bytes_amount)
        return self.report_progress()

    def report_progress(self) -> bool:
        """Report when it is time to; whether to go on."""
        with self._lock:
            heard = self._callback is not None or self._logger is not None
            due = heard and self.continue_reporting and self._is_due()
            last = self.processed_files + self.skipped_files == self.total_files
        # One report at a time: who comes while another is being made leaves it at that, but for the last.
        if due and self._reporting.acquire(blocking=last):
            try:
                self._report()
            finally:
                self._reporting.release()
        return self.continue_reporting

    def get_summary_statistics(self) -> SummaryStatistics:
        """The counts so far; the time is ``total_time``, or what has passed where that is not set."""
        with self._lock:
            seconds = self.total_time or time.perf_counter() - self._started
            return SummaryStatistics(
                seconds,
                self.total_files,
                self.total_bytes,
                self.processed_files,
                self.processed_bytes,
                self.skipped_files,
                self.skipped_bytes,
                self.processed_bytes / seconds if seconds else 0.0,
            )

    def get_download_summary_statistics(self, downloaded_files_paths_by_root: Dict[str, List[str]]) -> Any:
        """The counts so far, with the files that were downloaded below each root."""
        summary = self.get_summary_statistics()
        paths = downloaded_files_paths_by_root
        return DownloadSummaryStatistics(
            **vars(summary),
            file_counts_by_root_directory={root: len(files) for root, files in paths.items()},
            downloaded_files=sorted(file for files in paths.values() for file in files),
        )

    def _is_due(self) -> bool:
        chunk = 1 if self.total_files < MAX_FILES_IN_CHUNK else self._max_files_in_chunk
        return (
            not self._reported_once
            or time.perf_counter() - self._reported_at >= self._interval
            or self.processed_files - self._reported_files >= chunk
            or self.processed_files + self.skipped_files == self.total_files
        )

    def _report(self) -> None:
        with self._lock:
            now = time.perf_counter()
            seconds = round(now - self._reported_at, 2)
            sent = self.processed_bytes - self._reported_bytes
            rate = sent / seconds if seconds > 0 else 0.0
            report = self._metadata(rate, self._rate_to_show(rate, sent, seconds, now))
            self._reported_once = True
            self._reported_at = now
            self._reported_files = self.processed_files
            self._reported_bytes = self.processed_bytes
        self._log(report, now)
        if self._callback is not None and not self._callback(report):
            self.continue_reporting = False

    def _rate_to_show(self, rate: float, sent: int, seconds: float, now: float) -> Optional[float]:
        """The rate since the last report where that tells something, else the one from the beginning, if there is any."""
        if seconds >= self._interval or (sent and seconds):
            return rate
        passed = now - self._started
        return self.processed_bytes / passed if self.processed_bytes and passed else None

    def _metadata(self, rate: float, rate_to_show: Optional[float]) -> ProgressReportMetadata:
        done_files = self.processed_files + self.skipped_files
        done_bytes = self.processed_bytes + self.skipped_bytes
        if self.total_bytes:
            progress = round(min(done_bytes / self.total_bytes, 1.0) * 100, 1)
        else:
            # Empty files have no bytes to count by.
            progress = round(done_files / self.total_files * 100, 1) if self.total_files else 0.0
        kind = "Hashing speed" if self.status is ProgressStatus.PREPARING_IN_PROGRESS else "Transfer rate"
        message = (
            f"{self.status.verb_in_message} {human_readable_file_size(done_bytes)} / "
            f"{human_readable_file_size(self.total_bytes)} of {_files(self.total_files)}"
        )
        if rate_to_show is not None:
            message += f" ({kind}: {human_readable_file_size(int(rate_to_show))}/s)"
        return ProgressReportMetadata(self.status, progress, rate, message, self.processed_files)

    def _log(self, report: ProgressReportMetadata, now: float) -> None:
        if self._logger is None:
            return
        if (
            now - self._logged_at >= self._log_interval
            or report.progress - self._logged_progress >= self._log_threshold
            or report.progress >= 100
        ):
            self._logger.info(report.progressMessage)
            self._logged_at = now
            self._logged_progress = report.progress
