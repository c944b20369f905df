"""``local-farm demo``: a whole job, on a terminal and in a pipe, to its end or until somebody has seen enough."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import struct
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Iterator

import pytest

from local_farm.demo.command import run_demo
from local_farm.demo.submission import BUNDLE
from local_farm.demo.task_output import printed_by_processes
from local_farm.demo.workspace import OutputFolder, OutputFolderError

if sys.platform != "win32":
    import fcntl
    import pty
    import termios

LIMIT = 120
FRAMES = 24
PNG = b"\x89PNG\r\n\x1a\n"

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals are of another kind there")


class Demo:
    """The demo in a process, with folders of its own and a mark that every process it starts inherits."""

    def __init__(self, folder: Path) -> None:
        self.output = folder / "output"
        self.temporary = folder / "tmp"
        self.home = folder / "home"
        self.temporary.mkdir()
        self.home.mkdir()
        self.mark = f"OF_DEMO={uuid.uuid4().hex}"
        name, _, value = self.mark.partition("=")
        self.environment = {
            **{key: text for key, text in os.environ.items() if key not in ("NO_COLOR", "UV")},
            "TMPDIR": str(self.temporary),
            "HOME": str(self.home),
            "TERM": "xterm",
            "AWS_PROFILE": "missing",
            name: value,
        }
        self.command = [sys.executable, "-m", "local_farm", "demo", "--output-dir", str(self.output)]

    def start(self, *before: str, **options: Any) -> subprocess.Popen[str]:
        command = [*before, *self.command]
        return subprocess.Popen(
            command, env=self.environment, text=True, encoding="utf-8", start_new_session=True, **options
        )

    def left_behind(self) -> list[str]:
        """Whatever of the demo is still there: processes with its mark, temporary files, files in the home folder."""
        left = [str(path) for folder in (self.temporary, self.home) for path in folder.rglob("*")]
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    left.append((process / "cmdline").read_text(encoding="utf-8").replace("\0", " "))
            except OSError:
                continue  # gone by now, or somebody else's
        return left


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, str]:
    """A demo that has run to its end in a pipe, and what it wrote."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    process = demo.start(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    written, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, written
    return demo, written


def test_every_stage_is_shown_with_its_time_and_nothing_is_left_behind(finished: tuple[Demo, str]) -> None:
    demo, written = finished

    assert re.findall(r"^\[(\d)/6\]", written, re.MULTILINE) == list("123456")
    assert len(re.findall(r"^    ✓ \d+\.\d s$", written, re.MULTILINE)) == 6
    assert "\x1b" not in written
    assert demo.left_behind() == []


def test_the_outputs_are_frames_that_match_their_checksums_and_what_was_made_of_them(
    finished: tuple[Demo, str],
) -> None:
    rendered = finished[0].output / "output"

    frames = sorted((rendered / "frames").iterdir())
    assert [frame.name for frame in frames] == [f"frame_{number:04d}.png" for number in range(1, FRAMES + 1)]
    sums = [line.split("  ") for line in (rendered / "checksums.txt").read_text(encoding="utf-8").splitlines()]
    assert sums == [[hashlib.sha256(frame.read_bytes()).hexdigest(), f"frames/{frame.name}"] for frame in frames]
    assert len({checksum for checksum, _ in sums}) == FRAMES
    animation = (rendered / "animation.png").read_bytes()
    assert animation.startswith(PNG)
    assert animation.count(b"fcTL") == FRAMES
    assert (rendered / "contact-sheet.png").read_bytes().startswith(PNG)
    page = (rendered / "index.html").read_text(encoding="utf-8")
    assert all(frame.name in page for frame in frames)


def test_equal_contents_are_sent_once_and_nothing_is_sent_twice(finished: tuple[Demo, str]) -> None:
    _, written = finished
    files = [path for name in ("scene", "scripts") for path in (BUNDLE / name).rglob("*.*") if path.suffix != ".pyc"]
    contents = {path.read_bytes() for path in files}
    assert len(contents) == len(files) - 1

    first, second = re.findall(r"Upload Summary:\n +Processed (\d+) files?.*\n +Skipped re-processing (\d+)", written)

    assert first == (str(len(contents)), "1")
    assert second == ("0", str(len(files)))
    assert f"{len(files)} files are {len(contents)} objects in S3" in written


def test_steps_tasks_and_what_they_printed_are_shown(finished: tuple[Demo, str]) -> None:
    _, written = finished

    progress = re.findall(r"Render (\d+)/24.*Assemble (\d+)/3", written)
    assert progress[-1] == ("24", "3")
    # The second step waits for all of the first.
    assert {assembled for rendered, assembled in progress if rendered != "24"} == {"0"}
    assert re.search(r"Rendered frame_00\d\d.png: [\d,]+ bytes", written)
    assert re.search(r"Made \S+ of 24 frames", written)


def test_the_end_says_where_the_outputs_are_and_what_to_try_next(finished: tuple[Demo, str]) -> None:
    demo, written = finished
    end = written[written.index("Done in") :]

    assert str(demo.output / "output") in end
    assert all(name in end for name in ("animation.png", "contact-sheet.png", "index.html", "(24 files)"))
    commands = end[end.index("What to try next") :]
    assert "local-farm start --background" in commands
    assert f"deadline bundle submit {demo.output / 'job'}" in commands


@needs_posix
@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("A farm on this machine", signal.SIGINT),
        ("[1/6]", signal.SIGTERM),
        ("Submitting to Queue", signal.SIGINT),
        ("[3/6]", getattr(signal, "SIGHUP", 0)),
    ],
)
def test_a_demo_that_is_interrupted_leaves_nothing_behind(demo: Demo, line: str, number: int) -> None:
    with demo.start(stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        for written in process.stdout:
            if line in written:
                break
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(LIMIT) == 130, rest

    assert rest.rstrip().endswith("Nothing is left running.")
    assert "Traceback" not in rest
    assert demo.left_behind() == []
    assert not demo.output.exists()


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: what a user has before them, and what a program gets."""
    user, program = pty.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 70, 0, 0))
    yield user, program
    os.close(user)


def read(terminal: int) -> str:
    """What has come to the terminal; empty when nothing will come any more."""
    try:
        return os.read(terminal, 65536).decode("utf-8", "replace")
    except OSError:
        return ""


@needs_posix
def test_ctrl_c_on_a_terminal_ends_a_demo_whose_tasks_run(demo: Demo, terminal: tuple[int, int]) -> None:
    user, program = terminal

    # The terminal of a new session, whose Ctrl-C goes to what runs in it.
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    process = demo.start(sys.executable, "-c", take, stdin=program, stdout=program, stderr=program)
    os.close(program)
    written = ""
    try:
        while not (re.search(r"[1-9]\d*/24.*running", written) and "\x1b[2F\x1b[J" in written):
            part = read(user)
            assert part, written
            written += part
    finally:
        os.write(user, b"\x03")
        while part := read(user):
            written += part
        code = process.wait(LIMIT)
    assert code == 130, written

    # Lines are redrawn in place, as the loop above has seen, and in colours.
    assert "\x1b[32m█" in written
    assert "Nothing is left running." in written
    assert "Traceback" not in written
    assert demo.left_behind() == []
    assert not demo.output.exists()


def test_a_task_that_fails_is_shown_with_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle"
    for path in BUNDLE.rglob("*.*"):
        target = bundle / path.relative_to(BUNDLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (bundle / "scene" / "textures" / "planet" / "clouds.pgm").write_text("P5 binary", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(tmp_path / "config"))
    before = dict(os.environ)

    code = run_demo(tmp_path / "output", bundle)

    written = capsys.readouterr().out
    assert code == 1
    assert "The job has ended as FAILED" in written
    assert re.search(r"Failed: Render Frame \d+", written)
    assert "is no PGM file with plain numbers" in written
    assert "The job has failed" in written
    assert dict(os.environ) == before
    assert not (tmp_path / "output").exists()


def test_an_output_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "local_farm", "demo", "--output-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=False,
    )

    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_each_demo_has_a_new_folder_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [OutputFolder(None).path.name for _ in range(3)]

    assert names == ["local-farm-demo", "local-farm-demo-2", "local-farm-demo-3"]


def test_a_folder_that_was_there_before_stays_and_what_was_made_in_it_goes(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    folder.bundle.mkdir()
    (folder.bundle / "template.yaml").touch()

    folder.remove()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputFolderError, match=r"file.* cannot be made"):
        OutputFolder(tmp_path / "file" / "below")


def test_what_processes_print_is_told_from_what_the_runtime_says() -> None:
    log = [
        "Command started as pid: 12",
        "Output:",
        "first",
        "openjd_progress: 50",
        "",
        "second",
        "Process pid 12 exited with code: 0 (unsigned) / 0x0 (hex)",
        "Running command again",
        "Output:",
        "third",
        "-" * 46,
        "Phase: Running action",
    ]

    assert list(printed_by_processes(log)) == ["first", "second", "third"]
