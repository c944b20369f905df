"""A progress bar that counts bytes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Callable, Iterator, Optional

from ...interrupts import Interrupt
from ...progress import TransferBar

if TYPE_CHECKING:
    from deadline.job_attachments.progress_tracker import ProgressReportMetadata


class ByteBar:
    """Called with the bytes that were done since the last call; ends the work with an error after Ctrl-C.

    Args:
        label: What is being done.
        total: The bytes to do.
        interrupt: Knows whether Ctrl-C was pressed.
        canceled: What to say after Ctrl-C.
        is_shown: Whether there is a bar to see.
    """

    def __init__(self, label: str, total: int, interrupt: Interrupt, *, canceled: str, is_shown: bool = True) -> None:
        self._bar: Optional[TransferBar] = TransferBar(label, interrupt) if is_shown else None
        self._interrupt = interrupt
        self._canceled = canceled
        self._total = total
        self._done = 0
        self._percent = -1
        self._show()

    def __call__(self, count: int) -> None:
        self._done += count
        self._show()
        if not self._interrupt.go_on():
            from deadline.client.exceptions import DeadlineOperationCanceled

            raise DeadlineOperationCanceled(self._canceled)

    def finish(self) -> None:
        """Show that all is done."""
        self._done = self._total
        self._show()

    def end(self) -> None:
        """Go to the next line."""
        if self._bar is not None:
            self._bar.end()

    def _show(self) -> None:
        percent = 100 * self._done // self._total if self._total else 100
        # Drawing takes longer than what is drawn about, where there are many small files.
        if self._bar is not None and percent != self._percent:
            self._percent = percent
            self._bar(_report(percent, self._done, self._total))


@contextlib.contextmanager
def counting(bar: ByteBar) -> Iterator[Callable[[int], None]]:
    """The bar for the time of a block; it is full at the end of one that succeeds."""
    try:
        yield bar
        bar.finish()
    finally:
        bar.end()


def _report(percent: int, done: int, total: int) -> ProgressReportMetadata:
    from deadline.job_attachments.api import human_readable_file_size
    from deadline.job_attachments.progress_tracker import ProgressReportMetadata, ProgressStatus

    message = f"{human_readable_file_size(done)} / {human_readable_file_size(total)}"
    return ProgressReportMetadata(ProgressStatus.NONE, percent, 0.0, message)
