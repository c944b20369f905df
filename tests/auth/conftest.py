"""A settings file and AWS configuration of each test's own, and services and a proxy on loopback."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deadline.client.auth.session import invalidate_boto3_session_cache

Answer = Callable[[Any], "tuple[int, Any]"]


class Service:
    """Answers each path with what the test says, and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.answers: dict[str, Answer] = {}
        self.url = ""

    def answers_with(self, path: str, status: int, body: Any) -> None:
        """Answer with an object as JSON, or with bytes as they are."""
        self.answers[path] = lambda request: (status, body)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Called by the handler with a request whose ``body`` is read."""
        self.requests.append(request)
        status, body = self.answers[request.path.split("?")[0]](request)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        if isinstance(body, dict) and "__type" in body:
            request.send_header("x-amzn-ErrorType", body["__type"])
        request.send_header("Content-Length", str(len(content)))
        with contextlib.suppress(ConnectionError):  # whoever asked may have given up
            request.end_headers()
            request.wfile.write(content)


class _Handler(BaseHTTPRequestHandler):
    service: Service
    body = b""

    def do_GET(self) -> None:
        self.service.answer(self)

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.service.answer(self)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server on a free port of loopback, which is gone with its connections at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service on loopback that botocore takes for Deadline Cloud."""
    service = Service()
    with serving(type("Handler", (_Handler,), {"service": service})) as port:
        service.url = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", service.url)
        yield service


class SecureWeb:
    """All hosts of the web, by ``https`` and through a proxy: the settings that lead there, and what was asked of whom.

    The certificates of the hosts are of an authority that is trusted nowhere but in :attr:`ca_bundle`.
    """

    def __init__(self, folder: Path) -> None:
        self.service = Service()
        self.hosts: list[str] = []
        self.authorizations: list[str | None] = []
        self.ca_bundle = folder / "web-ca.pem"
        self._folder = folder
        self._key, self._authority = _authority()
        self.ca_bundle.write_bytes(self._authority.public_bytes(serialization.Encoding.PEM))
        self.port = 0

    @property
    def proxy(self) -> str:
        return f"http://studio:p%40ss@127.0.0.1:{self.port}"

    def context_for(self, host: str) -> ssl.SSLContext:
        """The host's side of a connection."""
        key, certificate = _certificate(host, self._key, self._authority)
        file = self._folder / f"{host}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def secure_web(tmp_path: Path) -> Iterator[SecureWeb]:
    web = SecureWeb(tmp_path)

    class Proxy(_Handler):
        service = web.service

        def do_CONNECT(self) -> None:
            host = self.path.partition(":")[0]
            web.hosts.append(host)
            web.authorizations.append(self.headers["Proxy-Authorization"])
            self.send_response(200)
            self.end_headers()
            self.rfile.close()
            self.wfile.close()
            try:
                self.connection = web.context_for(host).wrap_socket(self.connection, server_side=True)
            except OSError:  # the client does not trust this web
                self.rfile, self.wfile = io.BytesIO(), io.BytesIO()
                self.close_connection = True
                return
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb")
            self.handle_one_request()
            self.close_connection = True

        def finish(self) -> None:
            super().finish()
            self.connection.close()

    with serving(Proxy) as web.port:
        yield web


def _authority() -> tuple[Any, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("Authority of a test", key.public_key(), "Authority of a test")
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return key, builder.sign(key, hashes.SHA256())


def _certificate(host: str, authority_key: Any, authority: Any) -> tuple[Any, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(host, key.public_key(), "Authority of a test")
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return key, builder.sign(authority_key, hashes.SHA256())


def _builder(subject: str, key: Any, issuer: str) -> Any:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
    )


@pytest.fixture
def aws_config(tmp_path: Path) -> Path:
    """The AWS configuration file; a test writes profiles into it."""
    return tmp_path / "aws-config"


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's AWS configuration, agents or settings reaches a test."""
    for name in (
        *("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DEADLINE", "AWS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "REQUESTS_CA_BUNDLE"),
        *(
            "AWS_SESSION_TOKEN",
            "AWS_ACCOUNT_ID",
            "AWS_DATA_PATH",
            "AWS_LOGIN_CACHE_DIRECTORY",
            "DEADLINE_CLOUD_REGIONS",
        ),
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
        "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield
    invalidate_boto3_session_cache()
