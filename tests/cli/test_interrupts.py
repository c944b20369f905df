"""Ctrl-C, as a process gets it."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest

from .queued_jobs import RUN, frames as frames_up_to

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes on Windows get no SIGINT from others")

LIMIT = 60
FILES = 40


class Gate(ThreadingHTTPServer):
    """Passes requests on to a server behind it, but holds some of them back until it is told to let them go."""

    daemon_threads = True

    def __init__(self, endpoint_url: str, method: str, path: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.behind = urlsplit(endpoint_url).netloc
        self.method, self.path = method, path
        self.reached = threading.Event()
        self.released = threading.Event()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Pass(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == self.server.method and re.search(self.server.path, self.path):
            self.server.reached.set()
            self.server.released.wait(LIMIT)
        connection = http.client.HTTPConnection(self.server.behind, timeout=LIMIT)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        # Who was interrupted may have hung up.
        with contextlib.suppress(OSError):
            self.end_headers()
            self.wfile.write(content)
        connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def gate(farm: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``gate("S3", "PUT", "/Data/")`` puts a gate before a service of the farm, for processes that the test starts."""
    gates = []

    def start(service: str, method: str, path: str) -> Gate:
        one = Gate(farm.environment[f"AWS_ENDPOINT_URL_{service}"], method, path)
        gates.append(one)
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}).start()
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", one.endpoint_url)
        return one

    yield start
    for one in gates:
        one.released.set()
        one.shutdown()
        one.server_close()


def interrupt(process: Any, server: Gate) -> tuple[str, str]:
    """Press Ctrl-C when the gate holds something, open it when that was heeded; what was printed."""
    assert server.reached.wait(LIMIT)
    process.send_signal(signal.SIGINT)
    lines = []
    while not any("Stopping" in line for line in lines):
        line = process.stderr.readline()
        assert line, f"The process ended without heeding Ctrl-C: {lines}"
        lines.append(line)
    server.released.set()
    out, err = process.communicate(timeout=LIMIT)
    return out, "".join(lines) + err


def test_ctrl_c_during_an_upload_ends_with_130_and_leaves_no_job(
    farm: Any, gate: Any, process: Any, frames: Path
) -> None:
    for number in range(FILES):
        (frames / "scene" / f"{number}.bin").write_bytes(f"interrupted {frames} {number}".encode())
    jobs, (_, manifests) = farm.job_ids(), farm.objects("Manifests")
    server = gate("S3", "PUT", "/Data/")

    one = process("bundle", "submit", str(frames), "--yes")
    out, err = interrupt(one, server)

    assert one.returncode == 130
    assert "The upload was canceled." in err
    assert "Traceback" not in err
    assert "Waiting for Job" not in out
    assert farm.job_ids() == jobs
    assert farm.objects("Manifests")[1].keys() == manifests.keys()


def test_a_second_ctrl_c_ends_at_once(farm: Any, gate: Any, process: Any, frames: Path) -> None:
    jobs = farm.job_ids()
    (frames / "scene" / "new.bin").write_bytes(f"interrupted twice {frames}".encode())
    server = gate("S3", "PUT", "/Data/")
    one = process("bundle", "submit", str(frames), "--yes")
    assert server.reached.wait(LIMIT)
    one.send_signal(signal.SIGINT)
    while "Stopping" not in one.stderr.readline():
        assert one.poll() is None
    one.send_signal(signal.SIGINT)
    # Requests under way are given up, or answered.
    server.released.set()
    _, err = one.communicate(timeout=LIMIT)
    assert one.returncode == 130
    # The first press may have ended it cleanly in between.
    assert "Interrupted." in err or "The upload was canceled." in err
    assert "Traceback" not in err
    assert farm.job_ids() == jobs


@pytest.mark.parametrize("output", ["json", "verbose"])
def test_ctrl_c_during_a_download_ends_with_130_and_leaves_no_half_file(
    output: str, farm: Any, gate: Any, process: Any, deadline: Any, frames: Path
) -> None:
    deadline("bundle", "submit", str(frames), "-p", "Frames=1-6")
    assert deadline("job", "wait", "--max-poll-interval", "1", "--timeout", "120").code == 0
    server = gate("S3", "GET", "/Data/")

    one = process("job", "download-output", "--yes", "--output", output)
    out, err = interrupt(one, server)

    assert one.returncode == 130
    message = out.splitlines()[-1] if output == "json" else err
    assert "The download was canceled after" in message
    assert "Traceback" not in err
    left = [path for path in (frames / "out").rglob("*") if path.is_file()]
    assert all(path.suffix in (".txt", ".json") for path in left)
    assert all(path.read_text(encoding="utf-8").startswith(("a teapot in frame ", '{"frame"')) for path in left)


def test_ctrl_c_while_files_of_a_manifest_are_sent_leaves_the_manifest_here(
    farm: Any, gate: Any, process: Any, deadline: Any, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(FILES):
        (root / f"{number}.bin").write_bytes(f"interrupted {root} {number}".encode())
    (tmp_path / "manifests").mkdir()
    arguments = ("--root", str(root), "--destination", str(tmp_path / "manifests"), "--json")
    manifest = deadline("manifest", "snapshot", *arguments).json["manifest"]
    server = gate("S3", "PUT", "/Data/")

    one = process("attachment", "upload", "-m", manifest, "-r", str(root), "--upload-manifest-path", "interrupted")
    _, err = interrupt(one, server)

    assert one.returncode == 130
    assert "The upload was canceled." in err
    assert "Traceback" not in err
    assert farm.objects("Manifests", "interrupted")[1] == {}


def test_ctrl_c_while_the_job_is_created_names_the_job(
    farm: Any, gate: Any, process: Any, deadline: Any, bundle: Path
) -> None:
    jobs = farm.job_ids()
    server = gate("DEADLINE", "POST", "/jobs$")

    one = process("bundle", "submit", str(bundle))
    _, err = interrupt(one, server)

    assert one.returncode == 130
    (job_id,) = farm.job_ids() - jobs
    assert f"deadline job get --job-id {job_id}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["wait", "watch"])
def test_ctrl_c_ends_waiting_and_not_the_job(
    command: str, farm: Any, process: Any, deadline: Any, bundle: Path
) -> None:
    template = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    # It ends by itself should nobody end it.
    template["steps"][0]["script"]["actions"]["onRun"]["args"] = ["-c", "import time; time.sleep(100)"]
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    job_id = deadline("bundle", "submit", str(bundle)).out.split()[-1]
    try:
        one = process("job", command, "--output", "verbose")
        while ": 0 of 1 tasks" not in one.stdout.readline():
            assert one.poll() is None
        one.send_signal(signal.SIGINT)
        _, err = one.communicate(timeout=LIMIT)
        job = farm.job(job_id)
    finally:
        ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": job_id}
        farm.client.update_job(**ids, targetTaskRunStatus="CANCELED")
    assert one.returncode == 130
    assert "Stopping." in err
    assert f"Waiting for job {job_id} was canceled; its status is " in err
    assert "Traceback" not in err
    assert job["taskRunStatus"] in ("READY", "ASSIGNED", "STARTING", "RUNNING")


def test_ctrl_c_while_a_hook_runs_ends_the_hook_and_submits_nothing(
    farm: Any, process: Any, deadline: Any, bundle: Path
) -> None:
    jobs = farm.job_ids()
    deadline("config", "set", "settings.allow_bundle_hooks", "true")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        code = (
            f"import socket; s = socket.create_connection(('127.0.0.1', {server.getsockname()[1]})); "
            "s.sendall(b'.'); s.recv(1)"
        )
        hooks = {"preSubmission": [{"command": sys.executable, "args": ["-S", "-c", code]}]}
        (bundle / "hooks.json").write_text(json.dumps(hooks), encoding="utf-8")

        one = process("bundle", "submit", str(bundle), "--yes")
        connection, _ = server.accept()
        with connection:
            connection.settimeout(LIMIT)
            assert connection.recv(1) == b"."
            one.send_signal(signal.SIGINT)
            assert connection.recv(1) == b""
    _, err = one.communicate(timeout=LIMIT)
    assert one.returncode == 130
    assert "was ended, because the submission was canceled" in err
    assert "Traceback" not in err
    assert farm.job_ids() == jobs


def test_ctrl_c_while_tasks_are_requeued_says_how_many_were(queued: Any, process: Any, faults: Any) -> None:
    frames = 60
    job_id = queued.new(steps=[{"name": "Render", "script": RUN, "parameterSpace": frames_up_to(frames)}])
    queued.mark(job_id, "Render", *["FAILED"] * frames)
    faults.delay("UpdateTask", seconds=0.2)

    one = process("job", "requeue-tasks", "--job-id", job_id, "--yes")
    while "Render: FAILED Frame=" not in one.stdout.readline():
        assert one.poll() is None
    one.send_signal(signal.SIGINT)
    out, err = one.communicate(timeout=LIMIT)

    assert one.returncode == 130
    ready = queued.statuses(job_id)["Render"].count("READY")
    assert 0 < ready < frames
    assert f"{ready} of {frames} tasks were requeued.\n" in err
    assert f"{frames - ready} were not tried, because you asked to stop." in err
    assert f"\n{ready} tasks requeued." in out
    assert "Traceback" not in err
