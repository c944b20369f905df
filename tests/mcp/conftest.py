"""A local farm, a service whose answers a test chooses, and settings of each test's own."""

from __future__ import annotations

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache
from local_farm.farm import LocalFarm
from local_farm.testing import running_farm

Answer = Callable[[Any], "tuple[int, dict[str, Any]]"]


@pytest.fixture(scope="session")
def farm() -> Iterator[LocalFarm]:
    """A farm that runs no jobs."""
    with running_farm(workers=0) as farm:
        yield farm


class Service:
    """Takes the place of Deadline Cloud and answers each ListFarms as the test says."""

    def __init__(self) -> None:
        self.url = ""
        self.queries: list[str] = []
        self.answer: Answer = lambda request: (200, {"farms": []})

    def refuses(self, code: str, *, status: int = 403) -> None:
        self.answer = lambda request: (status, {"__type": code, "message": f"{code} it is"})

    @staticmethod
    def region_of(request: Any) -> str:
        """The region for which a request was signed."""
        found = re.search(r"/\d{8}/([^/]+)/", request.headers["Authorization"])
        assert found
        return found.group(1)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.queries.append(self.path.partition("?")[2])
            status, body = service.answer(self)
            content = json.dumps(body).encode()
            self.send_response(status)
            if "__type" in body:
                self.send_header("x-amzn-ErrorType", body["__type"])
            self.send_header("x-amzn-RequestId", "request-1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of a process with settings of its own and nothing of this machine's AWS configuration."""
    return {
        # Without these no program runs at all.
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        "AWS_CONFIG_FILE": str(tmp_path / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws-credentials"),
        "AWS_ACCESS_KEY_ID": "user-key",
        "AWS_SECRET_ACCESS_KEY": "user-secret",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        # There is no host `management.127.0.0.1`.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "DEADLINE_CONFIG_FILE_PATH": str(tmp_path / "deadline-config"),
        "NO_PROXY": "127.0.0.1,localhost",
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
    }


@pytest.fixture
def in_this_process(
    environment: dict[str, str], service: Service, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """This process has those variables, and the service that the test scripts for Deadline Cloud."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "DEADLINE_CLOUD_REGIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment, "AWS_ENDPOINT_URL_DEADLINE": service.url}.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield monkeypatch
    invalidate_boto3_session_cache()
