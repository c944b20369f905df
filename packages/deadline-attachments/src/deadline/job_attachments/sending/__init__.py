"""Sending files to the store under the hashes of their contents.

The bytes that are sent are the bytes that were hashed: what is read is compared with the hash before it goes (small
files) or before the object that it became part of appears (large ones). A file that changed is an error, and nothing is
stored under its old hash.

=================  ===================================================================================
module             subject
=================  ===================================================================================
:mod:`.small`      files of up to 256 KiB: many at once on one thread
:mod:`.large`      larger ones: read by a few threads, sent whole or in parts by many
:mod:`.multipart`  how far uploads in parts are, and going on with those of an earlier run
=================  ===================================================================================
"""

from __future__ import annotations

from typing import Callable, Iterable, List, Optional, Sequence

from .._engine.bandwidth import Bandwidth
from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, ignore
from .._engine.pipeline import Chain, Pipeline
from ..asset_manifests.hash_algorithms import HashAlgorithm
from ..caches.upload_journal import UploadJournal
from ..object_store import ObjectStore
from .file import FileToSend
from .large import LargeFiles
from .multipart import PART_SIZE
from .small import LARGEST_SMALL, SmallFiles

__all__ = ["PART_SIZE", "FileToSend", "Sender"]

REQUESTS = 50


class Sender:
    """Sends files to one store; used for one call of :meth:`send`."""

    def __init__(
        self,
        store: ObjectStore,
        hash_algorithm: HashAlgorithm,
        cancel: CancelToken,
        events: EventSink = ignore,
        *,
        requests: int = REQUESTS,
        journal: Optional[UploadJournal] = None,
        bandwidth: Optional[Bandwidth] = None,
    ) -> None:
        """``requests`` is how many may be under way at once, at the most; ``journal`` keeps what an interrupted run had
        sent, for the next one; ``bandwidth`` caps the bytes a second of all requests together."""
        self._store = store
        self._hash_algorithm = hash_algorithm
        self._cancel = cancel
        self._events = events
        self._budget = RequestBudget(requests, bandwidth=bandwidth)
        self._journal = journal

    def send(self, files: Iterable[FileToSend], on_present: Callable[[Sequence[str]], None]) -> None:
        """Send ``files``, of which no two have the same key; tell ``on_present`` the keys proven to be there.

        ``on_present`` is called from several threads.

        Raises:
            AssetSyncError: A file changed since it was hashed, or cannot be read, or S3 failed; named.
            AssetSyncCancelledError: The token was cancelled; what was sent completely stays.
        """
        small: List[FileToSend] = []
        large: List[FileToSend] = []
        for file in files:
            (small if file.size <= LARGEST_SMALL else large).append(file)
        # The largest first, so that the end of the upload is made of small ones.
        large.sort(key=lambda file: file.size, reverse=True)
        common = (self._store, self._hash_algorithm, self._budget, self._cancel, self._events, on_present)
        small_files, large_files = SmallFiles(*common), LargeFiles(*common, self._journal)
        chains: List[Chain] = [
            *([small_files.chain(small)] if small else []),
            *([large_files.chain(large)] if large else []),
        ]
        if not chains:
            self._cancel.raise_if_cancelled()
            return

        def stop() -> None:
            self._budget.close()
            small_files.stop()
            large_files.stop()
            self._store.interrupt()

        self._store.obey(self._budget)
        with self._cancel.calling(self._store.interrupt):
            large_files.abort_abandoned()
        try:
            with Pipeline(self._cancel, on_stop=stop) as pipeline:
                for _ in pipeline.run(*chains):
                    pass
        finally:
            large_files.abort_unfinished()
