"""The suite as one runs it: against a real S3 server, without peers, on next to no data."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "tools" / "bench"

pytestmark = pytest.mark.seaweedfs


def command(cache: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(BENCH), "--cache", str(cache), "--peers", "none", "--runs", "1", *arguments]


def test_rows_are_measured_against_a_real_server_and_reported_as_json(tmp_path: Path) -> None:
    arguments = ["--scale", "0.001", "--only", "upload-S,requests", "--transport", "tls", "--json", "-"]
    done = subprocess.run(command(tmp_path, *arguments), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    cases = json.loads(done.stdout)["cases"]
    assert [(case["row"], case["state"], case["transport"]) for case in cases] == [
        ("upload-S", "cold", "tls"),
        ("upload-S", "lost", "tls"),
        ("upload-S", "warm", "tls"),
        ("requests", "new", "plain"),
        ("requests", "warm", "plain"),
    ]
    for case in cases:
        ours = case["clients"]["ours"]["medians"]
        assert ours["wall"] >= ours["inner_wall"] > 0
        assert ours["cpu"] > 0
        assert ours["rss"] > 10_000_000
    # Ten files are ten requests and the manifest's; ten that are known are fewer than that.
    new, known = (case["clients"]["ours"]["medians"]["requests"] for case in cases[-2:])
    assert 11 <= new < 20
    assert known <= 11
    assert not list(tmp_path.glob("run-*"))


def test_an_interrupt_stops_the_server_and_clears_the_folder_away(tmp_path: Path) -> None:
    arguments = command(tmp_path, "--scale", "0.02", "--only", "upload-S")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as bench:
        assert bench.stderr is not None
        for line in bench.stderr:
            if line.startswith("upload-S cold"):
                break
        (log,) = tmp_path.glob("run-*/server/server.log")
        ports = re.findall(r"Start Seaweed S3 API Server .* port (\d+)", log.read_text(encoding="utf-8"))
        bench.send_signal(signal.SIGINT)
        bench.communicate(timeout=60)
    assert bench.returncode == 130
    assert len(ports) == 2
    for port in ports:
        assert refused_within(int(port), 10)
    assert not list(tmp_path.glob("run-*"))


def refused_within(port: int, seconds: float) -> bool:
    """Whether nobody listens at the port any more, before the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) != 0:
                return True
        time.sleep(0.05)
    return False


def test_a_row_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path, "--only", "upload-X"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "upload-X" in done.stderr
    assert "download-S" in done.stderr
