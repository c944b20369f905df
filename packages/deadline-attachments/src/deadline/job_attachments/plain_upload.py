"""Sending one file to a key of the caller's choice, over whatever is there; contents of jobs go through :mod:`.sending`.

The file is read piece by piece, and each piece is sent before the next ones are read. When the file is another one at the
end than at the beginning, nothing is stored.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Iterator, Optional, Tuple

from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Sent
from ._engine.pipeline import Chain, Pipeline, Stage
from .exceptions import AssetSyncError, PathOutsideDirectoryError
from .object_store import ObjectStore

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
SENDERS = 4
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def send_file(
    store: ObjectStore, path: Path, key: str, cancel: CancelToken, events: EventSink, base: Optional[Path] = None
) -> None:
    """Send a file, with links resolved, to ``key``.

    Args:
        store: The bucket.
        path: The file.
        key: The object's key.
        cancel: Stops the upload.
        events: Gets a :class:`Sent` for each piece.
        base: A folder in which the file has to lie, links resolved.

    Raises:
        AssetSyncError: The file is missing, cannot be read, is no regular file, or changed meanwhile; or S3 failed.
        PathOutsideDirectoryError: The file is not in ``base``.
        AssetSyncCancelledError: ``cancel`` was cancelled.
    """
    resolved = Path(os.path.realpath(path))
    if base is not None and Path(os.path.realpath(base)) not in resolved.parents:
        raise PathOutsideDirectoryError(f"{path} is not in {base} and was not uploaded.")
    try:
        before = _status(resolved)
        if before.st_size <= PART_SIZE:
            body = _read(resolved, 0, before.st_size + 1)
            _require_same(path, before, _status(resolved), len(body))
            store.put(key, body)
            events(Sent(str(path), len(body), True))
        else:
            _send_parts(store, path, resolved, key, before, cancel, events)
    except OSError as error:
        raise AssetSyncError(f"{path} could not be read for its upload: {error.strerror or error}.") from error


def _send_parts(
    store: ObjectStore,
    path: Path,
    resolved: Path,
    key: str,
    before: os.stat_result,
    cancel: CancelToken,
    events: EventSink,
) -> None:
    size = before.st_size
    part_size = max(PART_SIZE, -(-size // MAX_PARTS))
    offsets = range(0, size, part_size)
    upload_id = store.create_multipart(key)

    def send(number: int) -> Iterator[Tuple[int, str]]:
        body = _read(resolved, offsets[number], min(part_size, size - offsets[number]))
        yield number, store.put_part(key, upload_id, number + 1, body)
        events(Sent(str(path), len(body), False))

    try:
        with Pipeline(cancel, on_stop=store.interrupt) as pipeline:
            chain = Chain(range(len(offsets)), [Stage("part", SENDERS, send)])
            tags = dict(pipeline.run(chain))
        _require_same(path, before, _status(resolved), size)
        store.complete_multipart(key, upload_id, [tags[number] for number in range(len(offsets))])
    except BaseException:
        with contextlib.suppress(AssetSyncError):
            store.abort_multipart(key, upload_id)
        raise
    events(Sent(str(path), 0, True))


def _status(path: Path) -> os.stat_result:
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        raise AssetSyncError(f"{path} is no regular file and cannot be uploaded.")
    return status


def _read(path: Path, offset: int, count: int) -> bytes:
    with open(os.open(path, _FLAGS), "rb") as file:
        file.seek(offset)
        return file.read(count)


def _require_same(path: Path, before: os.stat_result, after: os.stat_result, read: int) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or read != after.st_size:
        raise AssetSyncError(f"{path} changed while it was uploaded; nothing was stored. Wait until it is complete.")
