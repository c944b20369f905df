"""What somebody at a terminal goes through: questions, bars, a display that changes in place, and Ctrl-C."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from .terminal import screen

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals of this kind", allow_module_level=True)

from .pseudo_terminal import CTRL_C, PseudoTerminal

COLOUR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def terminal(home: Path) -> Iterator[Any]:
    """``terminal(*words, columns=100, **variables)`` sits at a terminal in which a command runs."""
    opened: list[PseudoTerminal] = []

    def sit_down(*words: str, columns: int = 100, **variables: str) -> PseudoTerminal:
        opened.append(PseudoTerminal(*words, columns=columns, variables=variables))
        return opened[-1]

    yield sit_down
    for one in opened:
        one.close()


@pytest.fixture
def slow(farm: Any, deadline: Any, frames: Path) -> Path:
    """A bundle with 100 files of 100 KiB each, of which a second lets pass ten."""
    for number in range(100):
        (frames / "scene" / f"cache_{number}.vdb").write_bytes(os.urandom(100 * 1024))
    deadline("config", "set", "settings.s3_max_bandwidth", "1")
    return frames


def test_a_question_says_what_the_keys_do_and_is_asked_again(
    farm: Any, ended: Any, terminal: Any, tmp_path: Path
) -> None:
    at = terminal("job", "download-output", "--job-id", ended.frames, columns=160)
    at.wait_for(r"A number changes that folder \(y, n, 0\) \[y\]: ")
    at.type("perhaps\n")
    at.wait_for("'perhaps' is not one of 'y', 'n', '0'")
    at.wait_for(r"A number changes that folder \(y, n, 0\) \[y\]: ")
    at.type("0\n")
    at.wait_for(r"Download its files to \[.*\]: ")
    at.type(f"{tmp_path}\n")
    at.wait_for(r"Files will be downloaded to:")
    at.wait_for(re.escape(f"[0] {tmp_path} (4 files)"))
    at.wait_for(r"\[y\]: ")
    at.type("\n")
    assert at.ends() == 0
    (frame,) = tmp_path.rglob("frame_1.txt")
    assert frame.read_text(encoding="utf-8") == "a teapot in frame 1"
    lines = at.screen()
    assert any(re.match(r"Downloading Outputs  █{30}  100%  \d+ B / \d+ B of 4 files", line) for line in lines)
    assert any(line.startswith("Downloaded 4 files (") for line in lines)
    assert at.is_as_before()


def test_a_choice_about_files_that_exist_is_one_of_those_shown(farm: Any, ended: Any, terminal: Any) -> None:
    folder = ended.frames_bundle / "out"
    folder.mkdir()
    (folder / "frame_1.txt").write_text("mine", encoding="utf-8")
    at = terminal("job", "download-output", "--job-id", ended.frames, columns=160)
    at.wait_for(r"\[y\]: ")
    at.type("y\n")
    at.wait_for("1 file of the same name exists already:")
    at.wait_for(r"\[1\] Skip them  \[2\] Overwrite them  \[3\] Keep both  \[n\] Cancel")
    at.wait_for(r"What to do with them .*: ")
    at.type("4\n")
    at.wait_for("'4' is not one of '1', '2', '3', 'n'")
    at.wait_for(r"What to do with them .*: ")
    at.type("1\n")
    assert at.ends() == 0
    assert (folder / "frame_1.txt").read_text(encoding="utf-8") == "mine"
    assert (folder / "frame_2.txt").exists()
    assert at.is_as_before()


def test_yes_or_no_is_asked_again_and_no_changes_nothing(queued: Any, terminal: Any) -> None:
    job_id = queued.new()
    at = terminal("job", "cancel", "--job-id", job_id)
    at.wait_for(r"\[y/[nN]\]: ")
    at.type("perhaps\n")
    at.wait_for("invalid input")
    at.wait_for(r"\[y/[nN]\]: ")
    at.type("n\n")
    assert at.ends() == 1
    assert queued.get(job_id)["taskRunStatus"] == "READY"
    assert at.is_as_before()


def test_ctrl_c_and_ctrl_d_at_a_question_end_it(queued: Any, terminal: Any) -> None:
    job_id = queued.new()
    for key, code, said in ((CTRL_C, 130, "Interrupted."), ("\x04", 1, "The question was not answered")):
        at = terminal("job", "cancel", "--job-id", job_id)
        at.wait_for(r"\[y/[nN]\]: ")
        assert at.ends_by(key) == code
        assert any(said in line for line in at.screen())
        assert "Traceback" not in at.printed
        assert at.is_as_before()
    assert queued.get(job_id)["taskRunStatus"] == "READY"


def test_bars_tell_how_much_how_fast_and_how_long_and_ctrl_c_leaves_them(farm: Any, slow: Path, terminal: Any) -> None:
    jobs = farm.job_ids()
    at = terminal("bundle", "submit", str(slow), "--yes")
    at.wait_for(r"Hashing Attachments  █{20,30}  100%  10\.24 MB / 10\.24 MB of 101 files")
    size = r"\d+(?:\.\d+)? [KM]?B / 10\.24 MB of 101 files"
    at.wait_for(rf"Uploading Attachments  █*░+  +\d+%  {size}, \d+(?:\.\d+)? [KM]B/s, \d:\d\d left\x1b\[K")
    at.resize(64)
    # The rate is left out where there is no room for it, and then the time; bars become shorter.
    at.wait_for(r"\rUploading Attachments  █*░+  +\d+%  [^,]*of 101 files\x1b\[K")
    start = at.printed.rindex("\r")
    at.wait_for(r"\rUploading Attachments [^\r]*\x1b\[K")
    assert all(len(line) < 64 for line in screen(at.printed[start:], 1000))
    at.type(CTRL_C)
    at.wait_for(r"Stopping\. Press Ctrl-C again to stop at once\.")
    assert at.ends() == 130
    assert "The upload was canceled." in at.screen()
    assert "Traceback" not in at.printed
    assert at.is_as_before()
    assert farm.job_ids() == jobs


def test_a_second_ctrl_c_leaves_at_once(farm: Any, slow: Path, terminal: Any) -> None:
    # It would be under way for half a minute.
    (slow / "scene" / "big.vdb").write_bytes(os.urandom(32 * 1024 * 1024))
    at = terminal("bundle", "submit", str(slow), "--yes")
    at.wait_for(r"Uploading Attachments  ")
    at.type(CTRL_C)
    at.wait_for("Stopping")
    pressed = time.monotonic()
    at.type(CTRL_C)
    assert at.ends() == 130
    assert time.monotonic() - pressed < 10
    # The first press may have ended it cleanly in between.
    assert re.search(r"Interrupted\.|The upload was canceled\.", at.printed)
    assert "Traceback" not in at.printed
    assert at.is_as_before()


def test_a_job_is_waited_for_in_place_and_in_colour(queued: Any, terminal: Any) -> None:
    job_id = queued.new(name="Turntable")
    at = terminal("job", "wait", "--job-id", job_id, "--max-poll-interval", "0")
    at.wait_for(r"  Encode .*░{30}    0 %  1 pending")
    queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED")
    at.wait_for(r"█+(\x1b\[0m)?░+   50 %")
    at.resize(40)
    queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED")
    queued.mark(job_id, "Encode", "SUCCEEDED")
    at.wait_for(r"SUCCEEDED\x1b\[0m after \d+\.\d seconds")
    assert at.ends() == 0
    assert "\x1b[32mSUCCEEDED\x1b[0m" in at.printed
    assert "\x1b[1mTurntable\x1b[0m" in at.printed
    last = at.printed[at.printed.rindex("A\x1b[32mSUCCEEDED") + 1 :]
    state, bar, *steps = screen(last, 1000)[:4]
    assert state.startswith("SUCCEEDED: 4 of 4 tasks succeeded")
    assert "100 %" in bar
    assert [step.split()[0] for step in steps] == ["Render", "Encode"]
    assert max(map(len, (state, bar, *steps))) < 40
    assert at.is_as_before()


def test_ctrl_c_ends_the_waiting_below_what_was_drawn(queued: Any, terminal: Any) -> None:
    job_id = queued.new(name="Turntable")
    at = terminal("job", "watch", "--job-id", job_id)
    at.wait_for(r"  Encode ")
    at.type(CTRL_C)
    assert at.ends() == 130
    lines = at.screen()
    assert lines[:2] == ["Turntable", job_id]
    encode = next(number for number, line in enumerate(lines) if line.startswith("  Encode "))
    assert "Stopping. Press Ctrl-C again to stop at once." in lines[encode + 1 :]
    assert f"Waiting for job {job_id} was canceled; its status is READY" in "".join(lines[encode + 1 :])
    assert at.is_as_before()


def test_without_colours_it_is_the_same_but_for_them(farm: Any, ended: Any, terminal: Any) -> None:
    seen = {}
    for name, variables in {"coloured": {}, "plain": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}.items():
        at = terminal("job", "watch", "--job-id", ended.frames, **variables)
        assert at.ends() == 0
        seen[name] = at
    assert "\x1b[32m" in seen["coloured"].printed
    assert not COLOUR.search(seen["plain"].printed)
    assert "\x1b[K" in seen["plain"].printed
    assert "\x1b" not in seen["dumb"].printed
    without_times = [
        [re.sub(r"\d+(\.\d+)? s", "0 s", line) for line in seen[name].screen()] for name in ("coloured", "plain")
    ]
    assert without_times[0] == without_times[1]


def test_a_terminal_that_cannot_draw_in_place_gets_a_line_for_each_bar(farm: Any, frames: Path, terminal: Any) -> None:
    at = terminal("bundle", "submit", str(frames), "--yes", TERM="dumb")
    assert at.ends() == 0
    assert "\x1b" not in at.printed
    assert "\nHashing Attachments\r\n" in at.printed
    assert "\nUploading Attachments\r\n" in at.printed
