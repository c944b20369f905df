"""Qt without a screen, settings of each test's own, a scripted service, and a check that nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator

import pytest

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm

# Before any test imports Qt.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_API", "pyside6")

from qtpy.QtCore import QEvent, QEventLoop, QTimer
from qtpy.QtWidgets import QApplication, QWidget

from deadline.client.auth.session import invalidate_boto3_session_cache
from deadline.client.ui.background import THREAD_NAME
from deadline.client.ui.dialogs import DeadlineConfigDialog

LIMIT = 20


WaitUntil = Callable[[Callable[[], Any]], None]


@pytest.fixture
def wait_until(application: QApplication) -> WaitUntil:
    """Lets events happen until a condition holds."""

    def wait(condition: Callable[[], Any]) -> None:
        end = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < end, "what was waited for has not happened"
            application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            time.sleep(0.002)

    return wait


@pytest.fixture(scope="session")
def application() -> QApplication:
    return QApplication.instance() or QApplication([])


@pytest.fixture(autouse=True)
def nothing_is_left(application: QApplication) -> Iterator[None]:
    """Fails the test when one of its threads or windows outlives it."""
    yield
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    end = time.monotonic() + LIMIT
    ours = (THREAD_NAME, "list-farms")
    while [thread.name for thread in threading.enumerate() if thread.name.startswith(ours)]:
        assert time.monotonic() < end, f"still running: {[thread.name for thread in threading.enumerate()]}"
        time.sleep(0.002)
    left = application.topLevelWidgets()
    for widget in left:
        widget.close()
        widget.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not left, f"still there: {left}"


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A settings file that does not exist yet; nothing of this machine's AWS configuration; AWS out of reach."""
    for name in (
        *("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "DEADLINE_CLOUD_REGIONS"),
        *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
    ):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "settings" / "config"
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
        "AWS_ENDPOINT_URL_DEADLINE": "http://127.0.0.1:9",
        "DEADLINE_CONFIG_FILE_PATH": str(path),
        "NO_PROXY": "127.0.0.1,localhost",
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield path
    invalidate_boto3_session_cache()


@pytest.fixture
def aws_profiles(tmp_path: Path) -> None:
    """The AWS profiles ``studio`` and ``annex``."""
    (tmp_path / "aws-config").write_text(
        "[profile studio]\nregion = us-west-2\n[profile annex]\nregion = eu-west-1\n", encoding="utf-8"
    )


@pytest.fixture(scope="session")
def running() -> Iterator[LocalFarm]:
    """A farm that runs no jobs, shared by all tests of this folder."""
    from local_farm.testing import running_farm

    with running_farm(workers=0) as farm:
        yield farm


@pytest.fixture
def farm(running: LocalFarm, settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> LocalFarm:
    """The farm, for which this process's AWS clients take Deadline Cloud; the settings name it and its queue."""
    environment = running.environment()
    settings_file.parent.mkdir()
    shutil.copyfile(environment["DEADLINE_CONFIG_FILE_PATH"], settings_file)
    for name, value in {**environment, "DEADLINE_CONFIG_FILE_PATH": str(settings_file)}.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    return running


class Service:
    """Takes the place of Deadline Cloud: answers each path with what the test says, and remembers the paths."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.answers: dict[str, Callable[[], tuple[int, dict[str, Any]]]] = {}
        self.waits_for: threading.Event | None = None

    def answers_with(self, path: str, body: dict[str, Any], *, status: int = 200) -> None:
        """Answer ``path`` with ``body``; one with a ``__type`` is an error of AWS."""
        self.answers[f"/2023-10-12/{path}"] = lambda: (status, body)


@pytest.fixture
def service(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            service.paths.append(path)
            if service.waits_for is not None:
                assert service.waits_for.wait(LIMIT)
            status, body = service.answers[path]()
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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", service.url)
    yield service
    if service.waits_for is not None:
        service.waits_for.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_window(application: QApplication, wait_until: WaitUntil) -> Iterator[Callable[[], DeadlineConfigDialog]]:
    """Opens settings windows, and closes them at the end."""
    windows: list[QWidget] = []

    def open_window() -> DeadlineConfigDialog:
        window = DeadlineConfigDialog()
        windows.append(window)
        window.show()
        window.activateWindow()
        wait_until(window.isActiveWindow)
        return window

    yield open_window
    for window in windows:
        window.close()
        assert not [timer for timer in window.findChildren(QTimer) if timer.isActive()]
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], DeadlineConfigDialog]) -> DeadlineConfigDialog:
    """A settings window over an empty settings file, with AWS out of reach."""
    return open_window()
