"""``deadline config gui``, as a process and in this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QWidget

from deadline.client import config
from deadline.client.ui.cli_commands import config_gui

if TYPE_CHECKING:
    from conftest import Service, WaitUntil

DEADLINE = str(Path(sysconfig.get_path("scripts"), "deadline"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DEADLINE, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_command_opens_the_window_and_ok_saves(application: QApplication) -> None:
    def save() -> None:
        window: Any = application.activeModalWidget()
        window.findChild(QWidget, "settings.auto_accept").switch.click()
        QTest.mouseClick(window.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, save)

    done = CliRunner().invoke(config_gui, [], catch_exceptions=False)

    assert done.exit_code == 0
    assert config.get_setting("settings.auto_accept") == "true"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there")
def test_ctrl_c_closes_the_window_and_saves_nothing(
    service: Service, wait_until: WaitUntil, settings_file: Path
) -> None:
    service.answers_with("farms", {"farms": []})
    command = subprocess.Popen(
        [DEADLINE, "config", "gui"], env=dict(os.environ), stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with command:
        # The window asks for the farms as soon as it is there.
        wait_until(lambda: service.paths)
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=20)

    assert command.returncode == 130
    assert "Traceback" not in errors
    assert not settings_file.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_the_command_says_how_to_change_settings() -> None:
    done = run("config", "gui", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")

    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "deadline config set" in done.stderr


@pytest.fixture
def broken_qt(tmp_path: Path) -> Path:
    """A folder whose packages PySide6 and PySide2 cannot be loaded, and whose pip notes what it is asked."""
    folder = tmp_path / "broken"
    for name in ("PySide6", "PySide2"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise ImportError('{name} lacks a library')\n", encoding="utf-8")
    (folder / "pip").mkdir()
    (folder / "pip" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "pip" / "__main__.py").write_text(
        "import pathlib, sys\n"
        "pathlib.Path(__file__).with_name('asked').write_text(' '.join(sys.argv[1:]), encoding='utf-8')\n",
        encoding="utf-8",
    )
    return folder


def test_without_a_qt_binding_the_command_says_what_to_install_and_installs_nothing(broken_qt: Path) -> None:
    done = run("config", "gui", PYTHONPATH=str(broken_qt))

    assert done.returncode == 1
    assert "PySide6 lacks a library" in done.stderr
    assert 'pip install "PySide6-Essentials' in done.stderr
    assert not (broken_qt / "pip" / "asked").exists()


def test_install_gui_installs_a_qt_binding(broken_qt: Path) -> None:
    done = run("config", "gui", "--install-gui", PYTHONPATH=str(broken_qt))

    assert (broken_qt / "pip" / "asked").read_text(encoding="utf-8") == "install PySide6-Essentials>=6.6"
    assert done.returncode == 1
    assert "PySide6 lacks a library" in done.stderr


def test_help_needs_neither_qt_nor_a_display(broken_qt: Path) -> None:
    done = run("config", "gui", "--help", PYTHONPATH=str(broken_qt), DISPLAY="", QT_QPA_PLATFORM="")

    assert done.returncode == 0
    assert "--install-gui" in done.stdout


def test_the_window_closes_within_a_moment_even_when_aws_does_not_answer(
    service: Service, application: QApplication, wait_until: WaitUntil
) -> None:
    service.answers_with("farms", {"farms": []})
    service.waits_for = threading.Event()

    def cancel() -> None:
        wait_until(lambda: service.paths)
        window: Any = application.activeModalWidget()
        QTest.mouseClick(window.button(QDialogButtonBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, cancel)

    assert CliRunner().invoke(config_gui, [], catch_exceptions=False).exit_code == 0
    assert not service.waits_for.is_set()
    service.waits_for.set()
