"""S3 for the tests of job attachments: moto's server on loopback, and SeaweedFS where a test asks for a real one."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest

BUCKET = "attachments"


def random_bytes(seed: int, count: int) -> bytes:
    """The same bytes for the same seed, on every version of Python."""
    return random.Random(seed).getrandbits(8 * count).to_bytes(count, "little") if count else b""


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No AWS configuration, home folder or proxy of the machine reaches a test."""
    for name in ("AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def session_at(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for service in ("S3", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", endpoint)
    return boto3.Session(aws_access_key_id="id", aws_secret_access_key="secret", region_name="us-west-2")


@pytest.fixture
def session(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """A session whose S3 is moto's."""
    return session_at(moto_endpoint, monkeypatch)


@pytest.fixture
def bucket(session: boto3.Session) -> Iterator[str]:
    """An empty bucket."""
    name = f"{BUCKET}-{uuid.uuid4().hex[:12]}"
    client: Any = session.client("s3")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    yield name
    client.close()
