"""A terminal at which a test sits: it sees what is printed, types, presses Ctrl-C, and makes the window narrower."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from typing import Any, Mapping

from .terminal import screen

LIMIT = 60
CTRL_C = "\x03"

# Whoever begins a session gets the terminal that it opens first.
_AT_THE_TERMINAL = 'tty=$1; shift; exec <"$tty" >"$tty" 2>&1; exec "$@"'


class PseudoTerminal:
    """A terminal with one command at work; it is closed with the test."""

    def __init__(self, *words: str, columns: int = 100, variables: Mapping[str, str]) -> None:
        self.columns = columns
        self.printed = ""
        self._news = threading.Condition()
        self._over = threading.Event()
        self._master, self._slave = pty.openpty()
        self.resize(columns)
        self._before = termios.tcgetattr(self._slave)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        environment = {**os.environ, "TERM": "xterm-256color", **variables}
        environment.pop("COLUMNS", None)
        environment.pop("LINES", None)
        self._process = subprocess.Popen(
            ["sh", "-c", _AT_THE_TERMINAL, "sh", os.ttyname(self._slave), sys.executable, "-m", "deadline", *words],
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    def resize(self, columns: int) -> None:
        """Change the width, as who pulls at the window's edge."""
        self.columns = columns
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until something was printed since the last call, and take it for seen."""
        with self._news:
            self._news.wait_for(lambda: re.search(pattern, self.printed[self._seen :]), LIMIT)
            found = re.search(pattern, self.printed[self._seen :])
            assert found, f"{pattern!r} was not printed; the screen is:\n" + "\n".join(self.screen())
            self._seen += found.end()
            return found

    _seen = 0

    def ends(self) -> int:
        """Wait until the command has ended; its exit code."""
        code = self._process.wait(LIMIT)
        # What it printed last is read when a mark of our own, behind it, is.
        os.write(self._slave, b"\0")
        with self._news:
            assert self._news.wait_for(lambda: self.printed.endswith("\0"), LIMIT)
            self.printed = self.printed[:-1]
        return code

    def ends_by(self, key: str) -> int:
        """Press a key at a question, which ends the command; its exit code."""
        end = time.monotonic() + LIMIT
        while self._process.poll() is None and time.monotonic() < end:
            self.type(key)
            # A signal in the very moment before Python waits for keys is heeded with the next one.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        return self.ends()

    def screen(self) -> list[str]:
        """What is to be seen."""
        return screen(self.printed, self.columns)

    def is_as_before(self) -> bool:
        """Whether keys are echoed as they were, the cursor is to be seen, no colour goes on, and a new line has begun."""
        colours = re.findall(r"\x1b\[[\d;]*m", self.printed)
        return (
            termios.tcgetattr(self._slave) == self._before
            and self.printed.rfind("\x1b[?25l") <= self.printed.rfind("\x1b[?25h")
            and colours[-1:] in ([], ["\x1b[0m"])
            and self.screen()[-1] == ""
        )

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(LIMIT)
        self._over.set()
        self._reader.join()
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while not self._over.is_set():
            ready: Any
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if ready:
                text = decode(os.read(self._master, 65536))
                with self._news:
                    self.printed += text
                    self._news.notify_all()
