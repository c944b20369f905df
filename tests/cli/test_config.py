"""Settings by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deadline.client.config.config_file import SETTINGS


def test_a_setting_that_is_set_is_got_and_cleared(deadline: Any) -> None:
    assert deadline("config", "get", "settings.log_level").out == "WARNING\n"

    assert deadline("config", "set", "settings.log_level", "ERROR").out == ""
    assert deadline("config", "get", "settings.log_level").out == "ERROR\n"

    assert deadline("config", "clear", "settings.log_level").out == ""
    assert deadline("config", "get", "settings.log_level").out == "WARNING\n"


def test_show_prints_one_json_object_in_a_pipe(deadline: Any, home: Path) -> None:
    deadline("config", "set", "defaults.farm_id", "farm-1")

    shown = deadline("config", "show").json

    assert list(shown) == ["settings.config_file_path", *SETTINGS]
    assert shown["settings.config_file_path"] == str(home / "settings")
    assert shown["defaults.farm_id"] == "farm-1"
    assert all(isinstance(value, str) for value in shown.values())


def test_show_tells_people_which_values_are_defaults(deadline: Any, home: Path) -> None:
    deadline("config", "set", "defaults.farm_id", "farm-1")

    lines = deadline("config", "show", "--output", "verbose").out.splitlines()

    assert lines[1] == f"   {home / 'settings'}"
    assert "defaults.farm_id: farm-1 " in lines
    assert "settings.auto_accept: false (default)" in lines
    assert lines[lines.index("defaults.farm_id: farm-1 ") + 1].startswith("   The farm to use")


@pytest.mark.parametrize("command", [("get",), ("set", "x"), ("clear",)], ids=lambda words: words[0])
def test_a_misspelt_setting_is_answered_with_the_nearest_one(command: tuple[str, ...], deadline: Any) -> None:
    name, *value = command
    result = deadline("config", name, "defaults.farmid", *value)
    assert (result.code, result.out) == (1, "")
    assert "Did you mean 'defaults.farm_id'?" in result.err
    assert "Traceback" not in result.err


def test_a_value_that_does_not_fit_is_refused(deadline: Any) -> None:
    result = deadline("config", "set", "settings.auto_accept", "perhaps")
    assert result.code == 1
    assert "'perhaps' is not a value for the setting settings.auto_accept" in result.err
    assert deadline("config", "get", "settings.auto_accept").out == "false\n"


def test_a_settings_file_that_cannot_be_understood_is_named(deadline: Any, home: Path) -> None:
    (home / "settings").write_text("this is no settings file", encoding="utf-8")
    result = deadline("config", "show")
    assert (result.code, result.out) == (1, "")
    assert str(home / "settings") in result.err
    assert "Traceback" not in result.err
