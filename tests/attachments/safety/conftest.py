"""What the safety suite stands on: a server of its own, and a watch over what is left behind.

``DEADLINE_SAFETY_ROUNDS`` is how many rounds of each random test there are (a few by default), and ``DEADLINE_SAFETY_SEED``
the first round's seed; a test's name in a report ends with the seed of its round.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List

import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data, hash_file
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.download_plan import plan_download
from deadline.job_attachments.models import FileConflictResolution
from deadline.job_attachments.object_store.endpoint import Endpoint
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.signing import Signer
from deadline.job_attachments.receiving import Receiver
from deadline.job_attachments.sending import FileToSend, Sender

from .s3_server import BUCKET, S3Server

MiB = 1024 * 1024
PART = 8 * MiB
RESUMABLE = 72 * MiB
"""Bytes of a file that the next run goes on with; nine parts."""
ALGORITHM = HashAlgorithm.XXH128
DATA = "root/Data"
ROUNDS = int(os.environ.get("DEADLINE_SAFETY_ROUNDS", "3"))
FIRST_SEED = int(os.environ.get("DEADLINE_SAFETY_SEED", "0"))

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs links, pipes and signals")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS), ids=lambda seed: f"seed-{seed}")


def open_files() -> Dict[str, str]:
    """What this process has open, by the number of the handle; of Linux only."""
    if sys.platform != "linux":
        return {}
    found = {}
    for handle in os.listdir("/proc/self/fd"):
        try:
            found[handle] = os.readlink(f"/proc/self/fd/{handle}")
        except OSError:
            continue  # the one that listed them
    return found


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """After a test, and the end of its server, no thread, socket or file is left of it."""
    threads, files = set(threading.enumerate()), open_files()
    yield
    limit = time.monotonic() + 5
    while True:
        more_threads = [thread.name for thread in threading.enumerate() if thread not in threads]
        more_files = [name for handle, name in open_files().items() if files.get(handle) != name]
        if not more_threads and not more_files:
            return
        assert time.monotonic() < limit, f"left: {more_threads} {more_files}"
        # Threads of the server take a moment; and an error that a test has looked at may hold on to a file.
        gc.collect()
        time.sleep(0.01)


@pytest.fixture
def server(nothing_is_left: None) -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


class Credentials:
    """Credentials as botocore gives them."""

    def __init__(self, access_key: str = "id", secret_key: str = "secret", token: str = "") -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token


MakeStore = Callable[..., HttpObjectStore]


@pytest.fixture
def make_store(server: S3Server) -> Iterator[MakeStore]:
    """Makes stores of the server's bucket; they are closed in the end."""
    stores: List[HttpObjectStore] = []

    def make(credentials: Callable[[], Any] = Credentials, *, timeout: float = 30.0, **options: Any) -> HttpObjectStore:
        signer = Signer(
            host=f"127.0.0.1:{server.port}",
            path_prefix=f"/{BUCKET}/",
            region="us-west-2",
            credentials=credentials,
            user_agent="test",
        )
        store = HttpObjectStore(Endpoint("127.0.0.1", server.port, None, timeout), BUCKET, signer, **options)
        stores.append(store)
        return store

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> HttpObjectStore:
    """A store that does not pause between attempts."""
    return make_store(wait=lambda seconds: None)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    """A root with something beside it, which is as it was afterwards."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    yield tmp_path
    assert {path.name for path in tmp_path.iterdir()} <= {"root", "outside"}
    assert {path.name: path.read_bytes() for path in (tmp_path / "outside").iterdir()} == {"secret": b"secret"}


@functools.lru_cache(maxsize=3)
def large_bytes(seed: int, size: int = RESUMABLE) -> bytes:
    """Bytes of which no two parts are equal."""
    body = bytearray(size)
    for start in range(0, size, PART):
        body[start : start + 16] = f"{seed:08d}{start:08x}".encode()
    return bytes(body)


def file_of(path: Path, content: bytes) -> FileToSend:
    """A file with a content, as it is sent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    digest = hash_file(str(path), ALGORITHM)
    return FileToSend(str(path), key_of(content), digest, len(content))


def key_of(content: bytes) -> str:
    """Where a content is stored."""
    return f"{DATA}/{hash_data(content, ALGORITHM)}.xxh128"


def entry_of(path: str, content: bytes) -> ManifestPath:
    """A content as an entry of a manifest."""
    return ManifestPath(path=path, hash=hash_data(content, ALGORITHM), size=len(content), mtime=1_700_000_000_000_000)


def manifest_of(files: Dict[str, bytes]) -> AssetManifest:
    """A manifest of contents by path."""
    entries = [entry_of(path, content) for path, content in files.items()]
    return AssetManifest(hash_alg=ALGORITHM, paths=entries, total_size=sum(entry.size for entry in entries))


def files_below(folder: Path) -> Dict[str, bytes]:
    """All files of a folder, temporary ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def send(store: HttpObjectStore, files: Iterable[FileToSend], **options: Any) -> List[str]:
    """Send files; the keys of those that are proven to be there."""
    present: List[str] = []
    Sender(store, ALGORITHM, CancelToken(), **options).send(files, present.extend)
    return present


def receive(
    store: HttpObjectStore,
    root: Path,
    files: Dict[str, bytes],
    resolution: FileConflictResolution = FileConflictResolution.OVERWRITE,
    **options: Any,
) -> List[Path]:
    """Fetch contents by path; the files that were written."""
    plan = plan_download(root, manifest_of(files).paths, ALGORITHM, resolution)
    return list(Receiver(store, DATA, ALGORITHM, CancelToken(), **options).receive(plan.contents))
