"""Running a program to its end: text in, text out, its complaints line by line, and a limit that holds.

Its pipes are served by threads that do nothing else, because a program that waits for a full or an empty pipe would never
end. Lines and the end are handled by the caller's thread. When the time is over, or the caller gives up, the program is
ended with everything that it has started: a program of its own that runs on would hold the pipes open.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any, Callable, Mapping, Optional, Sequence, Tuple

DRAIN_SECONDS = 5.0
"""How long pipes may stay open when the program itself has ended."""
MAXIMUM_OUTPUT_BYTES = 16 * 1024 * 1024
"""Far more than any answer has; a program that goes on printing is ended."""
MAXIMUM_LINE = 8 * 1024
_TICK_SECONDS = 0.1
_SECONDS_TO_DIE = 2.0
_BLOCK = 64 * 1024


class Ending(Enum):
    """How a program ended."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    LEFT_PROGRAMS_BEHIND = "left programs behind"
    """It ended in time, but what it had started held its pipes open."""
    PRINTED_TOO_MUCH = "printed too much"
    CANCELED = "canceled"


class NotStarted(Exception):
    """A program could not be started; the message says why."""


@dataclass(frozen=True)
class Finished:
    """A program that ran: how it ended, its exit code where it ended by itself, and what it wrote to its standard output."""

    ending: Ending
    exit_code: Optional[int]
    output: bytes


def run_program(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    text: str,
    seconds: float,
    on_error_line: Callable[[str], Any],
    is_canceled: Callable[[], bool] = lambda: False,
) -> Finished:
    """Run a program in the working directory, without a shell.

    Args:
        command: Its path and its arguments.
        environment: All of its variables.
        text: What it reads from its standard input.
        seconds: How long it may take.
        on_error_line: Gets each line that it writes to its standard error, as soon as it is there.
        is_canceled: Asked several times a second; once it says yes, the program is ended.

    Raises:
        NotStarted: There is no such program, or it may not be run.
    """
    process = _started(command, environment)
    pipes = _Pipes(process, text.encode("utf-8"), on_error_line)
    try:
        ending = _follow(process, pipes, seconds, is_canceled)
    except BaseException:
        _end_tree(process)
        raise
    if ending is not Ending.EXITED:
        _end_tree(process)
        pipes.take_the_rest(_SECONDS_TO_DIE)
    pipes.end_line()
    return Finished(ending, process.returncode if ending is Ending.EXITED else None, bytes(pipes.output))


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            # A group of its own, so that it can be ended as a whole; and Ctrl-C is for this program, which then ends it.
            start_new_session=True,
            # Windows would open a console for it where this program has none.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        raise NotStarted(getattr(error, "strerror", None) or str(error)) from error


def _follow(process: subprocess.Popen[bytes], pipes: _Pipes, seconds: float, is_canceled: Callable[[], bool]) -> Ending:
    end = time.monotonic() + seconds
    drained_by: Optional[float] = None
    while True:
        if is_canceled():
            return Ending.CANCELED
        if process.poll() is not None:
            if not pipes.are_open:
                return Ending.EXITED
            drained_by = drained_by or time.monotonic() + DRAIN_SECONDS
        if len(pipes.output) > MAXIMUM_OUTPUT_BYTES:
            return Ending.PRINTED_TOO_MUCH
        remaining = min(end, drained_by or end) - time.monotonic()
        if remaining <= 0:
            return Ending.TIMED_OUT if drained_by is None else Ending.LEFT_PROGRAMS_BEHIND
        if pipes.are_open:
            pipes.take(min(remaining, _TICK_SECONDS))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(min(remaining, _TICK_SECONDS))


class _Pipes:
    """The three pipes of a program, each with a thread; what has come is handled by whoever calls :meth:`take`."""

    def __init__(self, process: subprocess.Popen[bytes], text: bytes, on_error_line: Callable[[str], Any]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.output = bytearray()
        self._open = 2
        self._pieces: queue.SimpleQueue[Tuple[bool, bytes]] = queue.SimpleQueue()
        self._lines = _Lines(on_error_line)
        _start(_write, process.stdin, text)
        _start(_read, process.stdout, False, self._pieces)
        _start(_read, process.stderr, True, self._pieces)

    @property
    def are_open(self) -> bool:
        """Whether something may still come."""
        return self._open > 0

    def take(self, seconds: float) -> bool:
        """Handle what has come next; whether something has within this time."""
        try:
            is_error, piece = self._pieces.get(timeout=seconds)
        except queue.Empty:
            return False
        if not piece:
            self._open -= 1
        elif is_error:
            self._lines.add(piece)
        else:
            self.output += piece
        return True

    def take_the_rest(self, seconds: float) -> None:
        """Handle what is still on its way from a program that was ended."""
        end = time.monotonic() + seconds
        while self.are_open and time.monotonic() < end:
            self.take(max(end - time.monotonic(), 0))

    def end_line(self) -> None:
        """Pass on a last line that has no end."""
        self._lines.end()


class _Lines:
    """Splits what comes in pieces into lines of text; a progress bar's carriage return ends a line too."""

    def __init__(self, on_line: Callable[[str], Any]) -> None:
        self._on_line = on_line
        bytes_to_text = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._decoder = io.IncrementalNewlineDecoder(bytes_to_text, translate=True)
        self._begun = ""

    def add(self, piece: bytes) -> None:
        *lines, self._begun = (self._begun + self._decoder.decode(piece)).split("\n")
        for line in lines:
            self._on_line(line)
        if len(self._begun) > MAXIMUM_LINE:
            self.end()

    def end(self) -> None:
        line, self._begun = self._begun, ""
        if line:
            self._on_line(line)


def _start(target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name="deadline-hook", daemon=True).start()


def _write(pipe: IO[bytes], data: bytes) -> None:
    # A program need not read what it is given.
    with contextlib.suppress(OSError), pipe:
        pipe.write(data)


def _read(pipe: IO[bytes], is_error: bool, pieces: queue.SimpleQueue[Tuple[bool, bytes]]) -> None:
    with contextlib.suppress(OSError), pipe:
        while True:
            piece = os.read(pipe.fileno(), _BLOCK)
            if not piece:
                break
            pieces.put((is_error, piece))
    pieces.put((is_error, b""))


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started, also where it has ended itself already."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "win32":
            taskkill = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
            subprocess.run(
                [taskkill, "/F", "/T", "/PID", str(process.pid)], capture_output=True, timeout=10, check=False
            )
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_TO_DIE)
