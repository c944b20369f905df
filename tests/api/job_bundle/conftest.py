"""S3 for the tests of shared job bundles: moto's server on loopback."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest

from deadline.client.auth.session import get_session_client
from deadline.client.job_bundle.repository.archive import open_bundle_archive
from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository

ROOT_PREFIX = "studio/root"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def s3_session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="id", aws_secret_access_key="secret", region_name="us-west-2")


class Shared:
    """A bucket of its own, and the repository in it."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self.bucket = f"bundles-{uuid.uuid4().hex[:12]}"
        self.s3: Any = get_session_client(session, "s3")
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        self.repository = self.repository_anew()

    def repository_anew(self) -> S3BundleRepository:
        """The repository as another process has it."""
        return S3BundleRepository(self.bucket, f"{ROOT_PREFIX}/", self.session)

    def key(self, name: str) -> str:
        return f"{ROOT_PREFIX}/job-bundles/{name}.ojd"

    def path(self, name: str) -> str:
        return f"s3://{self.bucket}/{self.key(name)}"

    def put(self, name: str, content: bytes, **members: Any) -> str:
        """Store an object as no client does, and return its address."""
        self.s3.put_object(Bucket=self.bucket, Key=self.key(name), Body=content, **members)
        return self.path(name)

    def upload(self, bundle: Path, name: str) -> str:
        """Share a bundle's folder, and return its address."""
        with open_bundle_archive(str(bundle)) as archive:
            return self.repository.upload_archive(archive, name)

    def keys(self) -> set[str]:
        return {item["Key"] for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])}


@pytest.fixture
def shared(s3_endpoint: str, s3_session: boto3.Session, isolated: None, monkeypatch: pytest.MonkeyPatch) -> Shared:
    """Shared job bundles in an empty bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_endpoint)
    return Shared(s3_session)


@pytest.fixture
def cache(isolated: None) -> Path:
    """The folder of the cache of shared job bundles."""
    return Path.home() / ".deadline" / "cache" / "job-bundles"
