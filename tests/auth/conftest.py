"""A settings file and AWS configuration of each test's own, and a Deadline Cloud service on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache

Answer = Callable[[Any], "tuple[int, dict[str, Any]]"]


class Service:
    """Answers each path with what the test says, and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.answers: dict[str, Answer] = {}
        self.url = ""

    def answers_with(self, path: str, status: int, body: dict[str, Any]) -> None:
        self.answers[path] = lambda request: (status, body)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service on loopback that botocore takes for Deadline Cloud."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.requests.append(self)
            status, body = service.answers[self.path.split("?")[0]](self)
            content = json.dumps(body).encode()
            self.send_response(status)
            if "__type" in body:
                self.send_header("x-amzn-ErrorType", body["__type"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", service.url)
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def aws_config(tmp_path: Path) -> Path:
    """The AWS configuration file; a test writes profiles into it."""
    return tmp_path / "aws-config"


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's AWS configuration, agents or settings reaches a test."""
    for name in (
        *("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DEADLINE", "AWS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "DEADLINE_CLOUD_REGIONS"),
        *("AI_AGENT", "AGENT", "CLAUDECODE", "CLAUDE_CODE", "CODEX_SANDBOX", "CODEX_THREAD_ID", "CURSOR_AGENT"),
        *("REPL_ID", "GEMINI_CLI", "OPENCODE", "AUGMENT_AGENT", "GOOSE_PROVIDER", "EDITOR", "TERM_PROGRAM"),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
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
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield
    invalidate_boto3_session_cache()
