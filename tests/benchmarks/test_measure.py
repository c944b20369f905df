"""The accounts of a run are the operating system's, of all its processes, and of nobody else."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import pytest
from transfer_bench.errors import RunFailed
from transfer_bench.measure import run
from transfer_bench.model import Command

MiB = 1024 * 1024
BUSY = "import time\nwhile time.process_time() < 0.4: pass"


def python(code: str, *arguments: str, reports: bool = False) -> Command:
    return Command([sys.executable, "-I", "-S", "-c", code, *arguments], dict(os.environ), reports)


def test_processor_time_includes_processes_that_the_command_starts(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', sys.argv[1]], check=True)"
    assert 0.4 <= run(python(code, BUSY), tmp_path, 60).cpu < 2


def test_waiting_takes_wall_time_and_no_processor_time(tmp_path: Path) -> None:
    measurement = run(python("import time; time.sleep(0.5)"), tmp_path, 60)
    assert measurement.wall >= 0.5
    assert measurement.cpu < 0.4


def test_peak_memory_is_that_of_the_largest_process(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', sys.argv[1]], check=True)"
    measurement = run(python(code, "bytearray(b'x') * 100_000_000"), tmp_path, 60)
    assert 95 * MiB < measurement.rss < 200 * MiB


def test_the_memory_of_who_measures_does_not_count(tmp_path: Path) -> None:
    ballast = bytearray(b"x") * (300 * MiB)
    assert run(Command(["true"], dict(os.environ)), tmp_path, 60).rss < 50 * MiB
    assert len(ballast) == 300 * MiB


def test_figures_that_the_command_reports_and_those_of_the_check_after_it_are_kept(tmp_path: Path) -> None:
    command = python("print('some words'); print('{\"inner_wall\": 0.25}')", reports=True)
    command = Command(
        command.argv, command.environment, True, finish=lambda measured: {"twice": measured.extra["inner_wall"] * 2}
    )
    assert run(command, tmp_path, 60).extra == {"inner_wall": 0.25, "twice": 0.5}


def test_a_failing_command_fails_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"^ValueError: no such bucket$"):
        run(python("raise ValueError('no such bucket')"), tmp_path, 60)


def test_a_command_that_says_nothing_fails_with_its_status(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="ended with status 3"):
        run(python("raise SystemExit(3)"), tmp_path, 60)


def test_a_command_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="no-such-program"):
        run(Command(["no-such-program"], dict(os.environ)), tmp_path, 60)


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    holder = "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX); time.sleep(600)"
    code = "import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', *sys.argv[1:]], check=True)"
    with pytest.raises(RunFailed, match="took longer than 1 s"):
        run(python(code, holder, str(lock)), tmp_path, 1)
    # The lock comes free with the end of the process that holds it.
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
