"""A submission on disk: the files and manifests of a job, laid out as they would be below the root prefix in S3.

A copy has the hash that its name says, as an object in S3 would: a file that changed since it was hashed is an error.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Sequence, Tuple

from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Sent, Skipped
from ._engine.pipeline import Chain, Pipeline, Stage
from ._s3_settings import S3_DATA_FOLDER_NAME, S3_MANIFEST_FOLDER_NAME
from .asset_manifests import HashAlgorithm, hash_data
from .asset_manifests.hash_algorithms import BLOCK_SIZE, new_hasher
from .exceptions import AssetSyncError
from .folders import open_folder
from .placement import remove_stale, temporary_beside
from .root_uploads import RootToUpload

WORKERS = 4


@dataclass(frozen=True)
class _Copy:
    """A file, the hash of its content, and where its copy goes; size in bytes."""

    source: str
    target: Path
    hash: str
    hash_algorithm: HashAlgorithm
    size: int


def copy_roots(
    folder: Path, roots: Sequence[RootToUpload], cancel: CancelToken, events: EventSink
) -> List[Tuple[str, str]]:
    """Copy the files of roots below ``folder`` and then, when all are there, the manifests.

    Returns:
        For each root the manifest's key below the manifest folder, and the hash of its text.

    Raises:
        AssetSyncError: A file changed or vanished, or something could not be written.
        AssetSyncCancelledError: ``cancel`` was cancelled.
    """
    data = folder / S3_DATA_FOLDER_NAME
    with _writing(data), open_folder(data) as opened:
        remove_stale(opened)
    copies = _copies(data, roots, events)

    def copy(wanted: _Copy) -> Iterator[None]:
        _copy(wanted, cancel, events)
        yield None

    with Pipeline(cancel) as pipeline:
        for _ in pipeline.run(Chain(copies, [Stage("copy", WORKERS, copy)])):
            pass
    return [_write_manifest(folder / S3_MANIFEST_FOLDER_NAME, root) for root in roots]


def _copies(data: Path, roots: Sequence[RootToUpload], events: EventSink) -> List[_Copy]:
    """What has to be copied: each content once, and none that is there."""
    copies: Dict[str, _Copy] = {}
    for root in roots:
        algorithm = root.manifest.hashAlg
        for entry in root.manifest.paths:
            name = f"{entry.hash}.{algorithm.value}"
            source = os.path.join(root.folder, entry.path)
            if name in copies or (data / name).exists():
                events(Skipped(source, entry.size))
            else:
                copies[name] = _Copy(source, data / name, entry.hash, algorithm, entry.size)
    return list(copies.values())


def _copy(wanted: _Copy, cancel: CancelToken, events: EventSink) -> None:
    temporary = temporary_beside(wanted.target)
    block = memoryview(bytearray(min(BLOCK_SIZE, wanted.size + 1)))
    hasher = new_hasher(wanted.hash_algorithm)
    try:
        with open(wanted.source, "rb", buffering=0) as source, open(temporary, "xb") as target:
            while True:
                cancel.raise_if_cancelled()
                count = source.readinto(block)
                if not count:
                    break
                hasher.update(block[:count])
                target.write(block[:count])
                events(Sent(wanted.source, count, False))
        if hasher.hexdigest() != wanted.hash:
            raise AssetSyncError(
                f"{wanted.source} changed after it was hashed, so its content does not fit the job's manifest any more. "
                "Wait until the file is complete, then submit again."
            )
        shutil.copystat(wanted.source, temporary)
        os.replace(temporary, wanted.target)
    except OSError as error:
        raise AssetSyncError(
            f"{wanted.source} could not be copied to {wanted.target}: {error.strerror or error}."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    events(Sent(wanted.source, 0, True))


def _write_manifest(folder: Path, root: RootToUpload) -> Tuple[str, str]:
    text = root.manifest.encode().encode("utf-8")
    path = folder.joinpath(*root.partial_key.split("/"))
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return root.partial_key, hash_data(text, root.manifest.hashAlg)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AssetSyncError(f"{path} could not be written: {error.strerror or error}.") from error
