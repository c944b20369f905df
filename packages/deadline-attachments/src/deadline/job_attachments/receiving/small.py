"""Small contents: each is one request, and is written by the thread that made it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Iterable, Iterator, List, NamedTuple, Sequence

from .. import placement
from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .._engine.lanes import Lanes
from .._engine.pipeline import Chain, StreamStage
from ..asset_manifests.hash_algorithms import hash_data
from ..download_plan import Content, Target
from ..object_store import ObjectStore
from ..object_store.port import Content as Body, Small
from .targets import Targets, removed_on_error, writing

LARGEST_SMALL = 256 * 1024
BATCH = 32
"""Contents that are handed to a lane at a time."""
REPORTED_AT_ONCE = 200


class _Wanted(NamedTuple):
    content: Content
    targets: List[Target]


class SmallContents:
    """The chain that fetches small contents."""

    def __init__(self, store: ObjectStore, targets: Targets, budget: RequestBudget, cancel: CancelToken) -> None:
        self._store = store
        self._targets = targets
        self._budget = budget
        self._cancel = cancel
        self._lanes = Lanes()

    def chain(self, contents: Sequence[Content]) -> Chain:
        """The chain for ``contents``; lists of files in their places come out of it."""
        batches = (contents[start : start + BATCH] for start in range(0, len(contents), BATCH))
        return Chain(batches, [StreamStage("small", self._lanes.most, self._lane, queue_size=2 * self._lanes.most)])

    def stop(self) -> None:
        """Let no lane wait for work."""
        self._lanes.finish()

    def _lane(self, batches: Iterator[Sequence[Content]]) -> Iterator[List[Path]]:
        if not self._lanes.enter():
            return
        placed: List[Path] = []
        legacy: List[_Wanted] = []
        for wanted, body in self._store.get_many(self._objects(batches), self._budget, self._cancel):
            if body is None:
                legacy.append(wanted)
                continue
            placed += self._write(wanted, body)
            if len(placed) >= REPORTED_AT_ONCE:
                yield placed
                placed = []
        self._lanes.finish()
        for wanted, body in self._store.get_many(self._legacy_objects(legacy), self._budget, self._cancel):
            if body is None:
                raise self._targets.missing(wanted.content)
            placed += self._write(wanted, body)
        yield placed

    def _objects(self, batches: Iterator[Sequence[Content]]) -> Iterator[Small[_Wanted]]:
        for batch in batches:
            for content in batch:
                targets = self._targets.wanted(content)
                if targets:
                    yield Small(self._targets.keys(content)[0], _Wanted(content, targets), size=content.size)

    def _legacy_objects(self, wanted: Iterable[_Wanted]) -> Iterator[Small[_Wanted]]:
        return (Small(self._targets.keys(each.content)[1], each, size=each.content.size) for each in wanted)

    def _write(self, wanted: _Wanted, body: Body) -> List[Path]:
        content = wanted.content
        if len(body) != content.size or hash_data(body, self._targets.hash_algorithm) != content.hash:
            raise self._targets.wrong(content)
        placed = []
        for target in wanted.targets:
            temporary = placement.temporary_name()
            with writing(target.path), self._targets.folder(target) as folder, removed_on_error(folder, temporary):
                started = time.perf_counter()
                placement.write_new(folder, temporary, body, target.mtime_us)
                name = placement.place(folder, temporary, target.path.name, keep_existing=target.keep_existing)
                self._lanes.note(started)
            placed.append(self._targets.placed(target, name, content.size))
        return placed
