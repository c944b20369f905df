"""Fetching contents from the store into files: verified, then put into place in one step.

Nothing gets its final name before its size and hash are what the manifest says; a crash leaves the file that was there
before, or none. Files whose content is there already are left alone.

=================  ===================================================================================
module             subject
=================  ===================================================================================
:mod:`.small`      contents of up to 256 KiB: many at once on one thread
:mod:`.large`      larger ones: in ranges that are written side by side into one file
:mod:`.partial`    that file, and going on with one that an earlier download left unfinished
:mod:`.targets`    folders, files that are there already, and errors
=================  ===================================================================================
"""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, Iterator, List, Optional

from .._engine.bandwidth import Bandwidth
from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, ignore
from .._engine.pipeline import Chain, Pipeline
from ..asset_manifests.hash_algorithms import HashAlgorithm
from ..download_plan import Content
from ..object_store import ObjectStore
from .large import LargeContents
from .small import LARGEST_SMALL, SmallContents
from .targets import Targets

__all__ = ["Receiver"]

REQUESTS = 50


class Receiver:
    """Fetches contents from one store; used for one call of :meth:`receive`."""

    def __init__(
        self,
        store: ObjectStore,
        cas_prefix: str,
        hash_algorithm: HashAlgorithm,
        cancel: CancelToken,
        events: EventSink = ignore,
        *,
        requests: int = REQUESTS,
        bandwidth: Optional[Bandwidth] = None,
    ) -> None:
        """``cas_prefix`` is the prefix of data objects, empty when they stand at the top of the bucket; ``requests``
        is how many may be under way at once, at the most, and ``bandwidth`` a cap on the bytes a second of them all."""
        self._store = store
        self._cancel = cancel
        self._events = events
        self._budget = RequestBudget(requests, bandwidth=bandwidth)
        self._targets = Targets(store.bucket, cas_prefix, hash_algorithm, cancel, events)

    def receive(self, contents: Iterable[Content]) -> Iterator[Path]:
        """Fetch ``contents`` and yield each file that is in its place.

        Raises:
            AssetSyncError: An object is missing, has other content than its name says, or a file cannot be written.
            AssetSyncCancelledError: The token was cancelled; files that are in place stay.
        """
        small: List[Content] = []
        large: List[Content] = []
        for content in contents:
            (small if content.size <= LARGEST_SMALL else large).append(content)
        # The largest first, so that the end of the download is made of small ones.
        large.sort(key=lambda content: content.size, reverse=True)
        small_contents = SmallContents(self._store, self._targets, self._budget, self._cancel)
        large_contents = LargeContents(self._store, self._targets, self._budget, self._cancel, self._events)
        chains: List[Chain] = [
            *([small_contents.chain(small)] if small else []),
            *([large_contents.chain(large)] if large else []),
        ]
        if not chains:
            self._cancel.raise_if_cancelled()
            return

        def stop() -> None:
            self._budget.close()
            small_contents.stop()
            self._store.interrupt()

        self._store.obey(self._budget)
        try:
            with Pipeline(self._cancel, on_stop=stop) as pipeline:
                for files in pipeline.run(*chains):
                    yield from files
        finally:
            large_contents.close()
            self._targets.close()
