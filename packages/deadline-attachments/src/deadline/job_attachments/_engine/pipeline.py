"""Stages that work side by side, joined by bounded queues.

>>> with Pipeline(CancelToken()) as pipeline:
...     sorted(pipeline.run(Chain([1, 2, 3], [Stage("double", 2, lambda n: [2 * n])])))
[2, 4, 6]

The items of a chain's source pass through its stages; each stage has worker threads of its own and turns one item into
any number of others. A :class:`StreamStage` gets all items of a worker as one iterator instead, for work that has many
items in hand at a time. Several chains run side by side. What leaves their last stages is yielded in the caller's
thread, in the order in which it was finished. A queue that is full holds back the stage before it, so that memory stays
flat however long the source is.

The first error, whether of the source, a stage or the caller, and a cancelled token end everything: queued items are
withdrawn, items in work are finished, every thread is joined, and the error (or :class:`AssetSyncCancelledError`) is
raised in the caller. No thread outlives the ``with`` block.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from .cancel import CancelToken

QUEUE_SIZE = 64


@dataclass(frozen=True)
class Stage:
    """``workers`` threads that turn an item into others by ``function``, which may be a generator."""

    name: str
    workers: int
    function: Callable[[Any], Iterable[Any]]
    queue_size: int = QUEUE_SIZE

    def work(self, items: Iterator[Any]) -> Iterable[Any]:
        """What one worker makes of its items."""
        return (result for item in items for result in self.function(item))


@dataclass(frozen=True)
class StreamStage:
    """``workers`` threads, each of which calls ``function`` once, with an iterator of the items that it will get."""

    name: str
    workers: int
    function: Callable[[Iterator[Any]], Iterable[Any]]
    queue_size: int = QUEUE_SIZE

    def work(self, items: Iterator[Any]) -> Iterable[Any]:
        """What one worker makes of its items."""
        return self.function(items)


@dataclass(frozen=True)
class Chain:
    """A source and the stages that its items pass through; at least one."""

    source: Iterable[Any]
    stages: Sequence[Union[Stage, StreamStage]]


class _Stopped(Exception):
    """The pipeline was stopped while a thread waited at a queue."""


class _Queue:
    """Items between two stages; ends when all of its writers have finished and the last item was taken."""

    def __init__(self, size: int, writers: int) -> None:
        self._items: Deque[Any] = deque()
        self._size = size
        self._writers = writers
        self._stopped = False
        # Two conditions: with one, a thread that puts might wake another that puts instead of one that takes.
        lock = threading.Lock()
        self._room = threading.Condition(lock)
        self._more = threading.Condition(lock)

    def put(self, item: Any) -> None:
        with self._room:
            self._room.wait_for(lambda: self._stopped or len(self._items) < self._size)
            if self._stopped:
                raise _Stopped
            self._items.append(item)
            self._more.notify()

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self._more:
                self._more.wait_for(lambda: self._stopped or self._items or not self._writers)
                if self._stopped:
                    raise _Stopped
                if not self._items:
                    return
                item = self._items.popleft()
                self._room.notify()
            yield item

    def writer_finished(self) -> None:
        with self._more:
            self._writers -= 1
            self._more.notify_all()

    def stop(self) -> None:
        with self._room:
            self._stopped = True
            self._items.clear()
            self._room.notify_all()
            self._more.notify_all()


class Pipeline:
    """Runs chains; used as a context manager around one call of :meth:`run`."""

    def __init__(self, cancel: CancelToken, on_stop: Optional[Callable[[], None]] = None) -> None:
        """``on_stop`` is called once when the pipeline stops early, to wake workers that wait for something else."""
        self._cancel = cancel
        self._on_stop = on_stop
        self._queues: List[_Queue] = []
        self._threads: List[threading.Thread] = []
        self._lock = threading.Lock()
        self._error: Optional[BaseException] = None
        self._stopped = False

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            self._stop(None)
        for thread in self._threads:
            thread.join()

    def run(self, *chains: Chain) -> Iterator[Any]:
        """Pass the items of each chain's source through its stages, and yield what comes out of them."""
        results = self._queue(QUEUE_SIZE, sum(chain.stages[-1].workers for chain in chains))
        workers = [worker for chain in chains for worker in self._workers_of(chain, results)]
        with self._cancel.calling(lambda: self._stop(None)):
            for name, target in workers:
                thread = threading.Thread(target=target, name=f"deadline-{name}", daemon=True)
                self._threads.append(thread)
                thread.start()
            try:
                yield from results
            except _Stopped:
                pass
            finally:
                self._stop(None, early=False)
                for thread in self._threads:
                    thread.join()
        if self._error is not None:
            raise self._error
        self._cancel.raise_if_cancelled()

    def _workers_of(self, chain: Chain, results: _Queue) -> Iterator[Tuple[str, Callable[[], None]]]:
        """The threads of a chain, by name, with the queues between them."""
        queue = self._queue(chain.stages[0].queue_size, 1)
        yield "source", functools.partial(self._guarded, queue, chain.source)
        for number, stage in enumerate(chain.stages, start=1):
            last = number == len(chain.stages)
            target = results if last else self._queue(chain.stages[number].queue_size, stage.workers)
            for worker in range(stage.workers):
                yield f"{stage.name}-{worker}", functools.partial(self._work, stage, queue, target)
            queue = target

    def _queue(self, size: int, writers: int) -> _Queue:
        queue = _Queue(size, writers)
        self._queues.append(queue)
        return queue

    def _work(self, stage: Union[Stage, StreamStage], queue: _Queue, target: _Queue) -> None:
        # Made here, so that a function that fails before its first item fails within the guard.
        self._guarded(target, (result for items in [iter(queue)] for result in stage.work(items)))

    def _guarded(self, target: _Queue, items: Iterable[Any]) -> None:
        """Put ``items`` into a queue; any error but the pipeline's own stop becomes the pipeline's error."""
        try:
            for item in items:
                target.put(item)
        except _Stopped:
            pass
        except BaseException as error:  # whatever it is, the caller's thread has to raise it
            self._stop(error)
        finally:
            target.writer_finished()

    def _stop(self, error: Optional[BaseException], *, early: bool = True) -> None:
        with self._lock:
            if self._error is None and not self._stopped:
                self._error = error
            first, self._stopped = not self._stopped, True
        for queue in self._queues:
            queue.stop()
        if first and early and self._on_stop is not None:
            self._on_stop()
