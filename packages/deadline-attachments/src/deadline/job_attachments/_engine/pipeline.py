"""Stages that work side by side, joined by bounded queues.

>>> with Pipeline([Stage("double", 2, lambda n: [2 * n])], CancelToken()) as pipeline:
...     sorted(pipeline.run([1, 2, 3]))
[2, 4, 6]

The items of a source pass through the stages; each stage has worker threads of its own and turns one item into any
number of others. What leaves the last stage is yielded in the caller's thread, in the order in which it was finished.
A queue that is full holds back the stage before it, so that memory stays flat however long the source is.

The first error, whether of the source, a stage or the caller, and a cancelled token end everything: queued items are
withdrawn, items in work are finished, every thread is joined, and the error (or :class:`AssetSyncCancelledError`) is
raised in the caller. No thread outlives the ``with`` block.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, Iterable, Iterator, Sequence

from .cancel import CancelToken

QUEUE_SIZE = 64


@dataclass(frozen=True)
class Stage:
    """``workers`` threads that turn an item into others by ``function``, which may be a generator."""

    name: str
    workers: int
    function: Callable[[Any], Iterable[Any]]
    queue_size: int = QUEUE_SIZE


class _Stopped(Exception):
    """The pipeline was stopped while a thread waited at a queue."""


class _Queue:
    """Items between two stages; ends when all of its writers have finished and the last item was taken."""

    def __init__(self, size: int, writers: int) -> None:
        self._items: Deque[Any] = deque()
        self._size = size
        self._writers = writers
        self._stopped = False
        self._changed = threading.Condition()

    def put(self, item: Any) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._items) < self._size)
            if self._stopped:
                raise _Stopped
            self._items.append(item)
            self._changed.notify()

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._items or not self._writers)
                if self._stopped:
                    raise _Stopped
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify()
            yield item

    def writer_finished(self) -> None:
        with self._changed:
            self._writers -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._changed.notify_all()


class Pipeline:
    """Runs a source through stages; used as a context manager around one call of :meth:`run`."""

    def __init__(self, stages: Sequence[Stage], cancel: CancelToken, on_stop: Callable[[], None] | None = None) -> None:
        """``on_stop`` is called once when the pipeline stops early, to wake workers that wait for something else."""
        self._stages = stages
        self._cancel = cancel
        self._on_stop = on_stop
        self._queues = [_Queue(stage.queue_size, writers) for stage, writers in zip(stages, self._writer_counts())]
        self._results = _Queue(QUEUE_SIZE, stages[-1].workers if stages else 1)
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._stopped = False

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            self._stop(None)
        for thread in self._threads:
            thread.join()

    def run(self, source: Iterable[Any]) -> Iterator[Any]:
        """Pass the items of ``source`` through the stages and yield what comes out."""
        with self._cancel.calling(lambda: self._stop(None)):
            self._start(lambda: self._feed(source), "source")
            for number, stage in enumerate(self._stages):
                for worker in range(stage.workers):
                    self._start(functools.partial(self._work, number), f"{stage.name}-{worker}")
            try:
                yield from self._results
            except _Stopped:
                pass
            finally:
                self._stop(None, early=False)
                for thread in self._threads:
                    thread.join()
        if self._error is not None:
            raise self._error
        self._cancel.raise_if_cancelled()

    def _writer_counts(self) -> list[int]:
        return [1, *(stage.workers for stage in self._stages[:-1])]

    def _target_of(self, number: int) -> _Queue:
        return self._queues[number] if number < len(self._queues) else self._results

    def _start(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=f"deadline-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _feed(self, source: Iterable[Any]) -> None:
        self._guarded(0, source)

    def _work(self, number: int) -> None:
        function = self._stages[number].function
        queue = self._queues[number]
        self._guarded(number + 1, (result for item in queue for result in function(item)))

    def _guarded(self, target: int, items: Iterable[Any]) -> None:
        """Put ``items`` into a queue; any error but the pipeline's own stop becomes the pipeline's error."""
        queue = self._target_of(target)
        try:
            for item in items:
                queue.put(item)
        except _Stopped:
            pass
        except BaseException as error:  # whatever it is, the caller's thread has to raise it
            self._stop(error)
        finally:
            queue.writer_finished()

    def _stop(self, error: BaseException | None, *, early: bool = True) -> None:
        with self._lock:
            if self._error is None and not self._stopped:
                self._error = error
            first, self._stopped = not self._stopped, True
        for queue in (*self._queues, self._results):
            queue.stop()
        if first and early and self._on_stop is not None:
            self._on_stop()
