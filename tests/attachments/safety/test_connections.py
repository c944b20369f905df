"""Connections that end, and that are encrypted: nothing is lost, nothing is left, nothing goes in plain text."""

from __future__ import annotations

import random
import ssl
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import boto3
import pytest

from deadline.job_attachments._engine.budget import RequestBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.exceptions import AssetSyncCancelledError, JobAttachmentS3BotoCoreError
from deadline.job_attachments.object_store.endpoint import Endpoint
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.port import Small
from deadline.job_attachments.object_store.signing import Signer
from deadline.job_attachments.sending import Sender

from .conftest import ALGORITHM, PART, Credentials, MiB, file_of, files_below, large_bytes, receive, send
from .s3_server import BUCKET, Asked, Fault, S3Server

FILES: Dict[str, bytes] = {
    **{f"{number}": f"content {number}".encode() * 100 for number in range(100)},
    "large": large_bytes(1, 20 * MiB),
}


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_connections_that_end_while_they_are_idle_cost_nothing(
    seed: int, server: S3Server, store: HttpObjectStore, tmp_path: Path, share: float
) -> None:
    chance = random.Random(seed)
    server.fault = lambda asked: Fault(hang_up=chance.random() < share)
    files = [file_of(tmp_path / "in" / name, content) for name, content in FILES.items()]

    assert sorted(send(store, files)) == sorted(file.key for file in files)
    receive(store, tmp_path / "out", FILES)

    assert files_below(tmp_path / "out") == FILES


def test_a_server_that_is_restarted_under_idle_and_busy_connections_costs_nothing(
    server: S3Server, store: HttpObjectStore
) -> None:
    together = threading.Barrier(8, timeout=20)
    restarted: List[Asked] = []

    def restart(asked: Asked) -> Optional[Fault]:
        if restarted:
            return None
        if asked.key < "8":
            # Eight at a time, so that there are eight connections.
            return Fault(when_done=together.wait)
        # The ninth is sent over one of them, while the others are idle.
        restarted.append(asked)
        return Fault(at_arrival=server.reset_all)

    server.fault = restart
    for _ in range(20):
        restarted.clear()
        server.objects.clear()
        objects = (Small(f"{number}", number, b"content") for number in range(9))
        answers = dict(store.put_many(objects, RequestBudget(8), CancelToken()))
        assert sorted(answers) == list(range(9))
        assert sorted(server.objects) == [str(number) for number in range(9)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key, that signs itself."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def tls_server(nothing_is_left: None, certificate: Path) -> Iterator[S3Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with S3Server(context) as server:
        yield server


def tls_store(server: S3Server, context: ssl.SSLContext) -> HttpObjectStore:
    signer = Signer(
        host=f"localhost:{server.port}",
        path_prefix=f"/{BUCKET}/",
        region="us-west-2",
        credentials=Credentials,
        user_agent="test",
    )
    return HttpObjectStore(Endpoint("localhost", server.port, context), BUCKET, signer, wait=lambda seconds: None)


def test_everything_travels_over_tls_too(tls_server: S3Server, certificate: Path, tmp_path: Path) -> None:
    with tls_store(tls_server, ssl.create_default_context(cafile=str(certificate))) as store:
        files = [file_of(tmp_path / "in" / name, content) for name, content in FILES.items()]
        assert sorted(send(store, files)) == sorted(file.key for file in files)
        receive(store, tmp_path / "out", FILES)

    assert files_below(tmp_path / "out") == FILES


@pytest.mark.parametrize("size", [100, PART])
def test_a_certificate_that_nobody_trusts_ends_it_before_anything_is_sent(
    tls_server: S3Server, tmp_path: Path, size: int
) -> None:
    with tls_store(tls_server, ssl.create_default_context()) as store, pytest.raises(
        JobAttachmentS3BotoCoreError, match="CERTIFICATE_VERIFY_FAILED"
    ):
        send(store, [file_of(tmp_path / "file", large_bytes(1, size))])
    assert tls_server.log == []


@pytest.mark.parametrize("size", [200_000, PART, 72 * MiB])
def test_a_cancel_ends_an_encrypted_transfer_in_the_middle_of_a_body(
    tls_server: S3Server, certificate: Path, tmp_path: Path, size: int
) -> None:
    cancel = CancelToken()
    # The server says nothing more after the first bytes; only the cancel ends it.
    tls_server.fault = lambda asked: Fault(stall_after=5000, at_arrival=None) if asked.length > 100 else None
    file = file_of(tmp_path / "file", large_bytes(1, size))

    def cancel_in_the_middle() -> None:
        tls_server.wait_until(lambda: any(asked.received for asked in tls_server.log))
        cancel.cancel()

    thread = threading.Thread(target=cancel_in_the_middle)
    thread.start()
    with tls_store(tls_server, ssl.create_default_context(cafile=str(certificate))) as store, pytest.raises(
        AssetSyncCancelledError
    ):
        Sender(store, ALGORITHM, cancel).send([file], lambda keys: None)
    thread.join()
    assert tls_server.objects == {}


def test_the_public_doors_leave_no_thread_socket_or_file(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deadline.job_attachments.download import InputDownloader
    from deadline.job_attachments.models import JobAttachmentS3Settings
    from deadline.job_attachments.upload import S3AssetManager

    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    # With its account known the session asks nobody for it; clients of boto3 keep connections of their own.
    credentials = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ACCOUNT_ID": "123456789012"}
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    session: Any = boto3.Session(region_name="us-west-2")
    for name, content in FILES.items():
        file_of(tmp_path / "in" / name, content)
    caches = str(tmp_path / "caches")
    manager = S3AssetManager("farm-1", "queue-1", JobAttachmentS3Settings(BUCKET, "root"), session=session)
    group = manager.prepare_paths_for_upload([str(tmp_path / "in" / name) for name in FILES], [], [])
    _, manifests = manager.hash_assets_and_create_manifest(group.asset_groups, 0, 0, caches)
    _, attachments = manager.upload_assets(manifests, s3_check_cache_dir=caches)
    downloader = InputDownloader(JobAttachmentS3Settings(BUCKET, "root"), attachments, session)
    downloader.set_root_path(str(tmp_path / "in"), str(tmp_path / "out"))
    downloader.download()

    assert files_below(tmp_path / "out") == FILES
