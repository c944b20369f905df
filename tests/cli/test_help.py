"""What needs no farm and no settings: help, and how fast it comes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from deadline.client import version
from deadline.client.cli.app import cli
from deadline.client.config.config_file import SETTINGS

from .command_tree import ALL_COMMANDS

HEAVY = ("boto3", "botocore", "yaml", "openjd", "deadline.job_attachments", "deadline.client.api")


def test_all_commands_are_found() -> None:
    assert {("bundle", "submit"), ("job", "download-output"), ("config", "show"), ("farm",), ()} <= set(ALL_COMMANDS)


def test_every_command_that_scripts_may_call_is_there() -> None:
    promised = {
        "attachment": "download upload",
        "auth": "login logout status",
        "bundle": "submit gui-submit list upload download hide unhide info",
        "config": "show gui set clear get",
        "farm": "list get",
        "fleet": "list get",
        "job": "list get cancel requeue-tasks download-output download-input wait logs trace-schedule",
        "manifest": "snapshot diff download upload",
        "queue": "list export-credentials paramdefs get sync-output",
        "worker": "list get",
    }
    root = click.Context(cli, info_name="deadline", **cli.context_settings)
    assert {*promised, "handle-web-url", "mcp-server"} <= set(cli.list_commands(root))
    for name, words in promised.items():
        group = cli.get_command(root, name)
        assert isinstance(group, click.Group)
        listed = group.list_commands(click.Context(group, parent=root, info_name=name))
        assert set(words.split()) - set(listed) == set()


@pytest.mark.parametrize("words", ALL_COMMANDS, ids=" ".join)
def test_help_shows_examples_and_needs_no_settings(words: tuple[str, ...], deadline: Any, home: Path) -> None:
    (home / "settings").write_text("this is no settings file", encoding="utf-8")

    result = deadline(*words, "--help")

    assert result.code == 0
    assert "\n  Example" in result.out
    assert f"\n    deadline {' '.join(words)}".rstrip() in result.out
    assert result.err == ""


def test_short_help_is_long_help(deadline: Any) -> None:
    assert deadline("job", "wait", "-h") == deadline("job", "wait", "--help")


def test_help_of_config_lists_every_setting(deadline: Any) -> None:
    printed = deadline("config", "--help").out
    assert [name for name in SETTINGS if f"\n  {name}" not in printed] == []


def test_a_group_alone_shows_its_help_on_stderr(deadline: Any) -> None:
    result = deadline("farm")
    assert result.code == 2
    assert "deadline farm get" in result.err


def test_version_is_that_of_the_distribution(deadline: Any) -> None:
    result = deadline("--version")
    assert (result.code, result.out) == (0, f"deadline, version {version}\n")


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("bundel", "submit", "x"), "'bundle'"),
        (("job", "wiat"), "'wait'"),
        (("job", "wait", "--timeot", "1"), "--timeout"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest_one(
    arguments: tuple[str, ...], suggestion: str, deadline: Any
) -> None:
    result = deadline(*arguments)
    assert result.code == 2
    assert "Did you mean" in result.err
    assert suggestion in result.err
    assert result.out == ""


def test_what_needs_no_network_loads_nothing_heavy() -> None:
    light = [["--version"], ["config", "get", "defaults.farm_id"], ["config", "show", "--output", "json"]]
    code = f"""
import sys
from deadline.client.cli.app import cli
for words in {[*light, *([*words, "--help"] for words in ALL_COMMANDS)]!r}:
    cli.main(words, prog_name="deadline", standalone_mode=False)
    heavy = [name for name in {HEAVY!r} if name in sys.modules]
    if heavy:
        sys.exit(f"{{words}} loads {{heavy}}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deadline", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == f"deadline, version {version}\n"
