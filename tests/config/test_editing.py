"""Saving several settings at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from deadline.client import config
from deadline.client.config import config_file, editing
from deadline.client.exceptions import DeadlineOperationError


def test_the_named_settings_are_saved_and_what_others_wrote_meanwhile_stays() -> None:
    config.set_setting("settings.auto_accept", "true")
    mine = config_file.read_config()
    config.set_setting("settings.log_level", "DEBUG", mine)
    config.set_setting("settings.locale", "ja_JP", mine)
    config.clear_setting("settings.auto_accept", mine)

    config.set_setting("settings.locale", "de_DE")
    config.set_setting("settings.force_s3_check", "true")
    editing.save_settings(mine, ["settings.log_level", "settings.auto_accept"])

    names = ("log_level", "locale", "auto_accept", "force_s3_check")
    assert [config.get_setting(f"settings.{name}") for name in names] == ["DEBUG", "de_DE", "false", "true"]


def test_settings_are_saved_for_the_profile_and_farm_that_the_configuration_has() -> None:
    config.set_setting("defaults.farm_id", "farm-of-default")
    mine = config_file.read_config()
    config.set_setting("defaults.aws_profile_name", "studio", mine)
    config.set_setting("defaults.farm_id", "farm-1", mine)
    config.set_setting("defaults.queue_id", "queue-1", mine)

    editing.save_settings(mine, ["defaults.farm_id", "defaults.queue_id"])

    assert config.get_setting("defaults.farm_id") == "farm-of-default"
    config.set_setting("defaults.aws_profile_name", "studio")
    assert config.get_setting("defaults.farm_id") == "farm-1"
    assert config.get_setting("defaults.queue_id") == "queue-1"


def test_a_misspelt_setting_saves_nothing(settings_file: Path) -> None:
    mine = config_file.read_config()
    config.set_setting("settings.locale", "ja_JP", mine)

    with pytest.raises(DeadlineOperationError, match=r"Did you mean 'settings\.locale'"):
        editing.save_settings(mine, ["settings.locale", "settings.local"])

    assert not settings_file.exists()


def test_a_copy_is_independent_and_says_where_settings_stand() -> None:
    config.set_setting("settings.https_proxy", "http://a%40b.example")
    mine = config_file.read_config()
    copy = editing.copy_config(mine)
    config.clear_setting("settings.https_proxy", copy)

    assert editing.stored_setting("settings.https_proxy", mine) == "http://a%40b.example"
    assert editing.stored_setting("settings.https_proxy", copy) is None
    assert editing.locate_setting("defaults.farm_id", mine) == ("profile-(default) defaults", "farm_id")


def test_what_is_wrong_with_a_value_is_said_without_setting_it() -> None:
    assert editing.problem_with_setting("settings.auto_accept", "yes") is None
    assert "true or false" in str(editing.problem_with_setting("settings.auto_accept", "banana"))


def test_profiles_are_those_of_the_aws_files(tmp_path: Path) -> None:
    (tmp_path / "aws-config").write_text(
        '[profile "big studio"]\n[sso-session x]\n[profile one] # mine\n', encoding="utf-8"
    )
    (tmp_path / "aws-credentials").write_text("[two]\n[one]\n", encoding="utf-8")

    assert editing.aws_profile_names() == ["big studio", "one", "two"]
    assert editing.DEFAULT_PROFILE_NAMES == ("(default)", "default", "")
