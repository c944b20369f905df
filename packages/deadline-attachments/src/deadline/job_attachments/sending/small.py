"""Small files: each is one request, made on the thread that read the file."""

from __future__ import annotations

import os
import time
from typing import Callable, Iterator, List, Sequence

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Sent, Skipped
from .._engine.lanes import Lanes
from .._engine.pipeline import Chain, StreamStage
from ..asset_manifests.hash_algorithms import HashAlgorithm, hash_data
from ..object_store import ObjectStore
from ..object_store.port import Small
from ..regular_files import READ_ONLY
from .file import FileToSend, changed, unreadable

LARGEST_SMALL = 256 * 1024
BATCH = 32
"""Files that are handed to a lane at a time."""
REPORTED_AT_ONCE = 200


class SmallFiles:
    """The chain that sends small files."""

    def __init__(
        self,
        store: ObjectStore,
        hash_algorithm: HashAlgorithm,
        budget: RequestBudget,
        cancel: CancelToken,
        events: EventSink,
        on_present: Callable[[Sequence[str]], None],
    ) -> None:
        self._store = store
        self._hash_algorithm = hash_algorithm
        self._budget = budget
        self._cancel = cancel
        self._events = events
        self._on_present = on_present
        self._lanes = Lanes()

    def chain(self, files: Sequence[FileToSend]) -> Chain:
        """The chain for ``files``; nothing comes out of it."""
        batches = (files[start : start + BATCH] for start in range(0, len(files), BATCH))
        return Chain(batches, [StreamStage("small", self._lanes.most, self._lane, queue_size=2 * self._lanes.most)])

    def stop(self) -> None:
        """Let no lane wait for work."""
        self._lanes.finish()

    def _lane(self, batches: Iterator[Sequence[FileToSend]]) -> Iterator[None]:
        if not self._lanes.enter():
            return
        present: List[str] = []
        try:
            for file, created in self._store.put_many(self._objects(batches), self._budget, self._cancel):
                self._events(Sent(file.path, file.size, True) if created else Skipped(file.path, file.size))
                present.append(file.key)
                if len(present) >= REPORTED_AT_ONCE:
                    self._on_present(present)
                    present = []
        finally:
            self._lanes.finish()
            self._on_present(present)
        yield from ()

    def _objects(self, batches: Iterator[Sequence[FileToSend]]) -> Iterator[Small[FileToSend]]:
        for batch in batches:
            for file in batch:
                started = time.perf_counter()
                body = self._read(file)
                self._lanes.note(started)
                yield Small(file.key, file, body)

    def _read(self, file: FileToSend) -> bytes:
        try:
            handle = os.open(file.path, READ_ONLY)
            try:
                # One byte more than there should be shows a file that grew.
                body = os.read(handle, file.size + 1)
                while len(body) < file.size:
                    more = os.read(handle, file.size + 1 - len(body))
                    if not more:
                        break
                    body += more
            finally:
                os.close(handle)
        except OSError as error:
            raise unreadable(file, error) from error
        if len(body) != file.size or hash_data(body, self._hash_algorithm) != file.hash:
            raise changed(file)
        return body
