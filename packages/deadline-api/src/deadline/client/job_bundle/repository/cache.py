"""The folders into which archives of job bundles were unpacked to be submitted from.

::

    ~/.deadline/cache/job-bundles/
        <16 digits of where the archive is>/
            .bundle_cache_meta.json         of an archive in S3: which version of it was unpacked last
            <16 digits of what is in it>/
                <name of the bundle>/       what is handed out

A folder's own path says what has to be in it, so that it can be checked before it is handed out once more. One that was
changed meanwhile, by a hook or by outputs that were downloaded into it, belongs to whoever changed it: it stays, and a
new one is made beside it. Unchanged folders of older versions go when they have not been handed out for a week.

Folders are unpacked under another name and renamed when they are complete, and what is said about them is written after
that, so that neither a crash nor another process leaves or sees half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import IO, Callable, Iterator, Optional

from deadline.client.config.config_file import get_cache_directory
from deadline.client.exceptions import DeadlineOperationError

from .content_digest import folder_digest
from .extraction import BundleArchive
from .names import InvalidBundleNameError, folder_name

META_FILE = ".bundle_cache_meta.json"
SECONDS_TO_KEEP_OLD_VERSIONS = 7 * 24 * 3600
_SECONDS_OF_A_CRASH = 24 * 3600
"""After this time, what was being unpacked is taken for left by a process that has ended."""
_UNPACKING = ".unpacking-"


def bundle_cache_folder() -> Path:
    """The folder below which everything about shared job bundles is kept; it need not exist."""
    return Path(get_cache_directory(), "job-bundles")


def place_in_cache(identity: str) -> Path:
    """The folder of one thing, for instance of ``bucket/key``; it need not exist."""
    return bundle_cache_folder() / hashlib.sha256(identity.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]


@contextlib.contextmanager
def unnamed_file() -> Iterator[IO[bytes]]:
    """An empty file on the disk of the cache, which goes with the block."""
    folder = bundle_cache_folder()
    with _writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    with file:
        yield file


class CachedBundle:
    """What the cache has of one archive.

    Args:
        identity: Where the archive is: ``bucket/key`` or an absolute path.
        name: The name of the bundle.
    """

    def __init__(self, identity: str, name: str) -> None:
        self._place = place_in_cache(identity)
        try:
            self._name = folder_name(name)
        except InvalidBundleNameError:
            self._name = "bundle"  # an archive may be called anything

    def find_version(self, etag: str) -> Optional[str]:
        """The folder with that version of the archive in S3, or ``None`` where there is none as it was unpacked."""
        meta = read_json(self._place / META_FILE)
        if not isinstance(meta, dict) or meta.get("etag") != etag:
            return None
        digest = meta.get("content")
        return self.find_content(digest) if isinstance(digest, str) and digest.isalnum() else None

    def find_content(self, digest: str) -> Optional[str]:
        """The folder with exactly that content, or ``None``."""
        for place in self._places_of(digest):
            if not place.exists():
                return None
            if self._holds(place, digest):
                return str(place / self._name)
        return None

    def unpack(self, archive: BundleArchive, on_bytes: Optional[Callable[[int], object]] = None) -> str:
        """A new folder with the content of an archive.

        Args:
            archive: The archive.
            on_bytes: Gets the bytes that were written since the last call. What it raises ends the work; nothing is left
                of it then.

        Raises:
            DeadlineOperationError: The archive is damaged, or the folder cannot be written.
        """
        digest = archive.digest
        temporary = self._place / f"{_UNPACKING}{uuid.uuid4().hex}"
        try:
            with _writing_to(self._place):
                (temporary / self._name).mkdir(parents=True)
            archive.extract_to(temporary / self._name, on_bytes)
            with _writing_to(self._place):
                place = self._put(temporary, digest)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        self._tidy(digest)
        return str(place / self._name)

    def note_version(self, etag: str, last_modified: str, digest: str) -> None:
        """Remember which content a version of the archive in S3 has. Where that cannot be written it is no error."""
        meta = {"etag": etag, "last_modified": last_modified, "content": digest}
        with contextlib.suppress(OSError):
            write_json(self._place / META_FILE, meta)

    def clear(self) -> None:
        """Forget the archive, and remove the folders that nobody has changed."""
        with contextlib.suppress(OSError):
            (self._place / META_FILE).unlink()
        self._tidy("", older_than_seconds=-1)

    def _holds(self, place: Path, digest: str) -> bool:
        if folder_digest(place / self._name) != digest:
            return False
        with contextlib.suppress(OSError):
            os.utime(place)  # the time tells when it was handed out last
        return True

    def _places_of(self, digest: str) -> Iterator[Path]:
        yield self._place / digest
        for number in itertools.count(2):
            yield self._place / f"{digest}-{number}"

    def _put(self, temporary: Path, digest: str) -> Path:
        """Give a complete folder its name; or return another process's that has just done the same."""
        for place in self._places_of(digest):
            if not place.exists():
                try:
                    temporary.rename(place)
                    return place
                except OSError:
                    if not place.exists():
                        raise
            if self._holds(place, digest):
                return place
        raise AssertionError("there is always one more place")

    def _tidy(self, current: str, older_than_seconds: float = SECONDS_TO_KEEP_OLD_VERSIONS) -> None:
        """Remove unchanged folders with other content than ``current``, and what crashes have left."""
        with contextlib.suppress(OSError):
            for place in list(self._place.iterdir()):
                digest = place.name.partition("-")[0]
                age = time.time() - place.lstat().st_mtime
                if place.name.startswith(_UNPACKING):
                    if age > _SECONDS_OF_A_CRASH:
                        shutil.rmtree(place, ignore_errors=True)
                elif digest != current and age > older_than_seconds and folder_digest(place / self._name) == digest:
                    shutil.rmtree(place, ignore_errors=True)


def read_json(path: Path) -> object:
    """The value in a JSON file, or ``None`` where it cannot be read."""
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value


def write_json(path: Path, value: object) -> None:
    """Write a JSON file: wholly, or not at all."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(value, indent=2), encoding="utf-8")
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeadlineOperationError(
            f"The cache of job bundles {folder} cannot be written: {error.strerror or error}. Check its permissions and "
            "the space on its disk."
        ) from error
