"""The sink that counts events for a progress callback, and turns its answer into a cancellation."""

from __future__ import annotations

from ..progress_tracker import ProgressTracker
from .cancel import CancelToken
from .events import Event, EventSink, Hashed, HashedBatch, Resumed, Skipped


def tracking(tracker: ProgressTracker, cancel: CancelToken) -> EventSink:
    """A sink that feeds ``tracker`` and cancels ``cancel`` when its callback says to stop."""

    def sink(event: Event) -> None:
        if isinstance(event, HashedBatch):
            count = tracker.increase_skipped if event.from_cache else tracker.increase_processed
            count(event.files, event.size)
            go_on = tracker.report_progress()
        elif isinstance(event, Resumed):
            tracker.increase_skipped(0, event.size)
            go_on = tracker.report_progress()
        elif isinstance(event, Skipped) or (isinstance(event, Hashed) and event.from_cache):
            tracker.increase_skipped(1, event.size)
            go_on = tracker.report_progress()
        else:
            go_on = tracker.track_progress_callback(event.size, isinstance(event, Hashed) or event.done)
        if not go_on:
            cancel.cancel()

    return sink
