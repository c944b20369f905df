"""The application around a window that the command line opens: a Qt binding, a display, Ctrl-C, errors as boxes.

Hosts have an application already and need none of this. What is wrong before there can be a window is said on the
terminal, so that nobody waits for a box that cannot appear.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import threading
from typing import Any, Iterator, List, Optional

import click

APPLICATION_NAME = "AWS Deadline Cloud"
REQUIREMENT = "PySide6-Essentials>=6.6"
_BINDINGS = (("PySide6", "pyside6"), ("PySide2", "pyside2"))
_LISTEN_EVERY_MILLISECONDS = 100


@contextlib.contextmanager
def gui_context_for_cli(automatically_install_dependencies: bool) -> Iterator[Any]:
    """An application for the windows of a command; gives the ``QApplication``.

    An error within the block is shown in a box; the process exits with 1 after it. Ctrl-C closes the windows and raises
    :class:`KeyboardInterrupt`.

    Args:
        automatically_install_dependencies: Install a Qt binding with pip where there is none.

    Raises:
        click.ClickException: There is no Qt binding, or no display.
    """
    _require_binding(automatically_install_dependencies)
    _require_display()
    from qtpy.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([APPLICATION_NAME])
    application.setApplicationName(APPLICATION_NAME)
    try:
        with _interruptible(application):
            yield application
    except click.ClickException:
        raise
    except Exception as error:
        from .messages import show_error

        context = click.get_current_context(silent=True)
        show_error(context.command_path if context is not None else APPLICATION_NAME, error)
        raise SystemExit(1) from error


def _require_binding(install: bool) -> None:
    problem = _choose_binding()
    if problem is not None and install:
        _install_binding()
        importlib.invalidate_caches()
        problem = _choose_binding()
    if problem is not None:
        raise click.ClickException(
            f"Windows need a Qt binding, and none could be loaded: {problem}\n"
            f'Install one with: pip install "{REQUIREMENT}"'
        )


def _choose_binding() -> Optional[str]:
    """Make qtpy take a binding that works; what is wrong where none does."""
    problems: List[str] = []
    for module, name in _BINDINGS:
        try:
            importlib.import_module(f"{module}.QtWidgets")
        except ImportError as error:
            problems.append(str(error))
        else:
            # qtpy would look for other bindings first.
            os.environ.setdefault("QT_API", name)
            return None
    return problems[0]


def _install_binding() -> None:
    if getattr(sys, "frozen", False):
        raise click.ClickException(f'This program cannot install packages itself: pip install "{REQUIREMENT}"')
    done = subprocess.run([sys.executable, "-m", "pip", "install", REQUIREMENT], check=False)
    if done.returncode:
        raise click.ClickException(f'The Qt binding could not be installed with: pip install "{REQUIREMENT}"')


def _require_display() -> None:
    """On Linux Qt would end the whole process where there is no display."""
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise click.ClickException(
            "There is no display to open a window on. Settings can be changed without one: "
            "`deadline config show` and `deadline config set`."
        )


@contextlib.contextmanager
def _interruptible(application: Any) -> Iterator[None]:
    """Let Ctrl-C close the windows; Qt alone would not notice it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    from qtpy.QtCore import QTimer

    interrupts: List[int] = []

    def note(number: int, frame: Any) -> None:
        interrupts.append(number)

    def close_windows_after_interrupt() -> None:
        if interrupts:
            application.closeAllWindows()

    before = signal.signal(signal.SIGINT, note)
    # Python notes a signal when it runs, which it does not while Qt waits for events. And the signal may come before
    # there is a window to close.
    timer = QTimer()
    timer.timeout.connect(close_windows_after_interrupt)
    timer.start(_LISTEN_EVERY_MILLISECONDS)
    try:
        yield
    finally:
        timer.stop()
        signal.signal(signal.SIGINT, before)
    if interrupts:
        raise KeyboardInterrupt
