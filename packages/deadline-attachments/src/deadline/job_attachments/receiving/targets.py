"""What both ways of receiving need: folders, files that are there already, keys, and errors."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Iterator, List, Set

from .. import placement
from .._engine.events import EventSink, Received, Skipped
from .._s3_settings import join_s3_paths
from ..asset_manifests.hash_algorithms import HashAlgorithm, hash_file
from ..download_plan import Content, Target
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError


class Targets:
    """The files of one download, below one root."""

    def __init__(self, bucket: str, cas_prefix: str, hash_algorithm: HashAlgorithm, events: EventSink) -> None:
        self.hash_algorithm = hash_algorithm
        self._bucket = bucket
        self._cas_prefix = cas_prefix
        self._events = events
        self._folders: Set[str] = set()
        self._lock = threading.Lock()

    def wanted(self, content: Content) -> List[Target]:
        """The targets that do not have the content already; their folders are made."""
        for target in content.targets:
            self._make_folder(target.path)
        return [target for target in content.targets if not self._is_there(content, target)]

    def keys(self, content: Content) -> List[str]:
        """Where the content may be: objects of early versions have no ending."""
        names = f"{content.hash}.{self.hash_algorithm.value}", content.hash
        return [join_s3_paths(self._cas_prefix, name) if self._cas_prefix else name for name in names]

    def place(self, temporary: Path, target: Target, size: int, uncounted: int) -> Path:
        """Give a complete file its name; ``uncounted`` of its bytes were not reported yet."""
        path = placement.place(temporary, target.path, keep_existing=target.keep_existing)
        self._events(Received(str(path), uncounted, True))
        return path

    def missing(self, content: Content) -> JobAttachmentsS3ClientError:
        """The error for a content that the bucket does not have."""
        return JobAttachmentsS3ClientError(
            "downloading file",
            404,
            self._bucket,
            self.keys(content)[0],
            f"The content of {content.targets[0].path} is not in the bucket (any more). It may have expired there: "
            "submit the job again to upload it anew.",
        )

    def wrong(self, content: Content) -> AssetSyncError:
        """The error for an object whose content is not what its name says."""
        return AssetSyncError(
            f"The object s3://{self._bucket}/{self.keys(content)[0]} does not have the content that its name says, so "
            f"{content.targets[0].path} was not written. Delete that object and submit the job again."
        )

    def _is_there(self, content: Content, target: Target) -> bool:
        """Whether the file to be replaced has the content already; it gets its time then."""
        if target.keep_existing:
            return False
        try:
            if os.stat(target.path).st_size != content.size:
                return False
            if hash_file(str(target.path), self.hash_algorithm) != content.hash:
                return False
            placement.set_time(target.path, target.mtime_us)
        except OSError:
            return False
        self._events(Skipped(str(target.path), content.size))
        return True

    def _make_folder(self, path: Path) -> None:
        folder = os.path.dirname(path)
        if folder in self._folders:
            return
        with self._lock:
            try:
                os.makedirs(folder, exist_ok=True)
            except OSError as error:
                raise OSError(
                    error.errno,
                    f"The folder {folder} cannot be made ({error.strerror}). If the job comes from a machine with another "
                    "operating system, choose another folder to download to",
                ) from error
            placement.remove_stale(Path(folder))
            self._folders.add(folder)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the file system within the block become ones that name the file."""
    try:
        yield
    except OSError as error:
        raise AssetSyncError(f"{path} could not be written: {error.strerror or error}.") from error


@contextlib.contextmanager
def removed_on_error(temporary: Path) -> Iterator[None]:
    """Whatever goes wrong within the block, the file is gone afterwards."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
