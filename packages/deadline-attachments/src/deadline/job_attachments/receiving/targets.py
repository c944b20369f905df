"""What both ways of receiving need: folders, files that are there already, keys, and errors."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from pathlib import Path
from typing import Dict, Iterator, List, Set

from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Received, Skipped
from .._s3_settings import join_s3_paths
from ..asset_manifests.hash_algorithms import BLOCK_SIZE, HashAlgorithm, new_hasher
from ..download_plan import Content, Target
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError
from ..folders import Folder, most_kept_open, open_folder
from .partial import sweep

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


class FolderError(AssetSyncError, OSError):
    """A folder cannot be made; programs of others expect an :class:`OSError` then."""


class Targets:
    """The files of one download."""

    def __init__(
        self, bucket: str, cas_prefix: str, hash_algorithm: HashAlgorithm, cancel: CancelToken, events: EventSink
    ) -> None:
        self.hash_algorithm = hash_algorithm
        self._bucket = bucket
        self._cas_prefix = cas_prefix
        self._cancel = cancel
        self._events = events
        # These stay open until the end of the download; others are opened for each file.
        self._kept: Dict[str, Folder] = {}
        self._most_kept = most_kept_open()
        self._swept: Set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all folders."""
        for folder in self._kept.values():
            folder.close()

    def wanted(self, content: Content) -> List[Target]:
        """The targets that do not have the content already."""
        return [target for target in content.targets if not self._is_there(content, target)]

    def open_folder(self, target: Target) -> Folder:
        """The folder of a target, made where it is missing; give it to :meth:`release` when done.

        Raises :class:`FolderError`, and :class:`PathOutsideDirectoryError` for one that is not in its place any more.
        """
        path = os.path.dirname(target.path)
        with self._lock:
            folder = self._kept.get(path)
            if folder is not None:
                return folder
        try:
            folder = open_folder(target.path.parent, target.root)
        except OSError as error:
            problem = FolderError(
                f"The folder {path} cannot be made ({error.strerror or error}). If the job comes from a machine with "
                "another operating system, choose another folder to download to."
            )
            problem.errno = error.errno
            raise problem from error
        with self._lock:
            if path not in self._swept:
                self._swept.add(path)
                sweep(folder)
            if len(self._kept) < self._most_kept and path not in self._kept:
                self._kept[path] = folder
        return folder

    def release(self, folder: Folder) -> None:
        """Close a folder unless others will use it."""
        with self._lock:
            if self._kept.get(str(folder.path)) is folder:
                return
        folder.close()

    @contextlib.contextmanager
    def folder(self, target: Target) -> Iterator[Folder]:
        """:meth:`open_folder` for the time of a block."""
        folder = self.open_folder(target)
        try:
            yield folder
        finally:
            self.release(folder)

    def keys(self, content: Content) -> List[str]:
        """Where the content may be: objects of early versions have no ending."""
        names = f"{content.hash}.{self.hash_algorithm.value}", content.hash
        return [join_s3_paths(self._cas_prefix, name) if self._cas_prefix else name for name in names]

    def placed(self, target: Target, name: str, uncounted: int) -> Path:
        """A complete file got its name; ``uncounted`` of its bytes were not reported yet. Where it is."""
        path = target.path if name == target.path.name else target.path.with_name(name)
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
        with contextlib.suppress(OSError):
            status = os.lstat(target.path)
            if stat.S_ISREG(status.st_mode):
                with self.folder(target) as folder:
                    if self._has(folder, target.path.name, content):
                        folder.set_time(target.path.name, target.mtime_us * 1000)
                        self._events(Skipped(str(target.path), content.size))
                        return True
        return False

    def _has(self, folder: Folder, name: str, content: Content) -> bool:
        with open(folder.open(name, os.O_RDONLY), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size != content.size:
                return False
            hasher = new_hasher(self.hash_algorithm)
            block = memoryview(bytearray(min(BLOCK_SIZE, content.size + 1)))
            while True:
                count = file.readinto(block)
                if not count:
                    return bool(hasher.hexdigest() == content.hash)
                hasher.update(block[:count])
                self._cancel.raise_if_cancelled()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the file system within the block become ones that name the file."""
    try:
        yield
    except AssetSyncError:
        raise
    except OSError as error:
        raise AssetSyncError(f"{path} could not be written: {error.strerror or error}.") from error


def is_of_a_full_disk(error: AssetSyncError) -> bool:
    """Whether an error of :func:`writing` is for lack of room, which what is half done must not take from others."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _FULL


@contextlib.contextmanager
def removed_on_error(folder: Folder, temporary: str) -> Iterator[None]:
    """Whatever goes wrong within the block, the file is gone afterwards."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            folder.remove(temporary)
        raise
