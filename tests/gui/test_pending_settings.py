"""The model of the settings window. Needs no Qt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deadline.client import config
from deadline.client.config.config_file import SETTINGS
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.ui.settings.fields import FIELDS, Kind, fields
from deadline.client.ui.settings.pending import PendingSettings


def store(**settings: str) -> None:
    for name, value in settings.items():
        config.set_setting(name.replace("__", "."), value)


@pytest.mark.parametrize("module", ["fields", "pending", "resources"])
def test_the_model_imports_no_qt(module: str) -> None:
    script = (
        f"import sys, deadline.client.ui, deadline.client.ui.settings.{module}\n"
        "print(sorted(n for n in sys.modules if n.startswith(('qtpy', 'PySide', 'PyQt', 'shiboken'))))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_every_field_is_a_setting_with_its_own_label_and_an_explanation() -> None:
    assert set(FIELDS) <= set(SETTINGS)
    labels = [field.label for field in fields()]
    assert len(set(labels)) == len(labels) == len(FIELDS)
    assert all(field.help.endswith(".") for field in fields())


def test_every_choice_is_a_value_that_the_setting_takes_and_the_default_is_one_of_them() -> None:
    for field in fields():
        if field.kind is Kind.CHOICE:
            values = [value for value, _ in field.choices]
            assert all(SETTINGS[field.setting]["check"](value) is None for value in values)
            assert SETTINGS[field.setting]["default"] in values


def test_values_are_the_stored_ones_and_else_the_defaults() -> None:
    store(settings__log_level="DEBUG")

    pending = PendingSettings()

    assert pending.value("settings.log_level") == "DEBUG"
    assert pending.value("settings.job_history_dir") == "~/.deadline/job_history/(default)"
    assert pending.changes() == []


def test_a_change_is_in_view_and_not_in_the_file_until_it_is_saved(settings_file: Path) -> None:
    pending = PendingSettings()

    pending.set("settings.auto_accept", "true")

    assert pending.value("settings.auto_accept") == "true"
    assert pending.is_changed("settings.auto_accept")
    assert not settings_file.exists()
    assert pending.save() == ["settings.auto_accept"]
    assert config.get_setting("settings.auto_accept") == "true"
    assert pending.changes() == []


def test_without_changes_nothing_is_written(settings_file: Path) -> None:
    assert PendingSettings().save() == []

    assert not settings_file.exists()


@pytest.mark.parametrize(
    ("setting", "stored", "other", "same"),
    [
        ("settings.auto_accept", "True", "false", "true"),
        ("settings.max_retries_per_task", "07", "8", "7"),
        ("settings.log_level", "INFO", "DEBUG", "INFO"),
    ],
)
def test_going_back_to_what_is_stored_is_no_change_however_it_was_written(
    settings_file: Path, setting: str, stored: str, other: str, same: str
) -> None:
    config.set_setting(setting, stored)
    before = settings_file.read_bytes()
    pending = PendingSettings()

    pending.set(setting, other)
    pending.set(setting, same)

    assert pending.changes() == []
    pending.save()
    assert settings_file.read_bytes() == before


def test_undo_goes_back_to_what_is_stored() -> None:
    store(settings__https_proxy="http://one:80")
    pending = PendingSettings()

    pending.set("settings.https_proxy", "no url")
    pending.undo("settings.https_proxy")

    assert pending.value("settings.https_proxy") == "http://one:80"
    assert pending.problem("settings.https_proxy") is None
    assert pending.changes() == []


@pytest.mark.usefixtures("aws_profiles")
def test_another_profile_brings_its_own_farm_and_folders_into_view() -> None:
    store(defaults__farm_id="farm-1", settings__job_history_dir="/one")
    config.set_setting("defaults.aws_profile_name", "studio")
    store(defaults__farm_id="farm-2", defaults__queue_id="queue-2")
    config.set_setting("defaults.aws_profile_name", "(default)")
    pending = PendingSettings()

    pending.set("defaults.aws_profile_name", "studio")

    assert pending.value("defaults.farm_id") == "farm-2"
    assert pending.value("defaults.queue_id") == "queue-2"
    assert pending.value("settings.job_history_dir") == "~/.deadline/job_history/studio"
    pending.save()
    assert config.get_setting("defaults.farm_id") == "farm-2"


@pytest.mark.usefixtures("aws_profiles")
def test_a_change_belongs_to_the_profile_under_which_it_was_made() -> None:
    pending = PendingSettings()

    pending.set("settings.job_history_dir", "/of/the/default")
    pending.set("defaults.aws_profile_name", "studio")

    assert pending.value("settings.job_history_dir") == "~/.deadline/job_history/studio"
    assert pending.changes() == ["defaults.aws_profile_name"]
    pending.set("defaults.aws_profile_name", "(default)")
    assert pending.value("settings.job_history_dir") == "/of/the/default"
    assert pending.changes() == ["settings.job_history_dir"]


@pytest.mark.usefixtures("aws_profiles")
def test_only_what_is_in_view_is_saved() -> None:
    pending = PendingSettings()
    pending.set("settings.job_history_dir", "/of/the/default")
    pending.set("defaults.aws_profile_name", "studio")

    pending.save()

    config.set_setting("defaults.aws_profile_name", "(default)")
    assert config.get_setting("settings.job_history_dir") == "~/.deadline/job_history/(default)"


def test_the_region_of_a_chosen_farm_is_stored_with_the_farm() -> None:
    store(defaults__farm_id="farm-1", defaults__farm_region="us-west-2")
    pending = PendingSettings()

    pending.choose_farm("farm-2", "eu-west-1")

    assert pending.changes() == ["defaults.farm_id", "defaults.farm_region"]
    pending.save()
    assert config.get_setting("defaults.farm_region") == "eu-west-1"
    config.set_setting("defaults.farm_id", "farm-1")
    assert config.get_setting("defaults.farm_region") == "us-west-2"


def test_going_back_to_the_former_farm_leaves_nothing_to_save() -> None:
    store(defaults__farm_id="farm-1")
    pending = PendingSettings()

    pending.choose_farm("farm-2", "eu-west-1")
    pending.set("defaults.queue_id", "queue-2")
    pending.choose_farm("farm-1")

    assert pending.changes() == []


def test_saving_keeps_what_others_wrote_meanwhile() -> None:
    pending = PendingSettings()
    pending.set("settings.log_level", "INFO")
    store(settings__auto_accept="true", settings__log_level="ERROR")

    pending.save()

    assert config.get_setting("settings.log_level") == "INFO"
    assert config.get_setting("settings.auto_accept") == "true"
    assert pending.value("settings.auto_accept") == "true"


def test_defaults_are_restored_but_for_where_the_workstation_belongs() -> None:
    store(defaults__farm_id="farm-1", defaults__queue_id="queue-1", settings__log_level="DEBUG")
    store(settings__https_proxy="http://one:80", settings__job_history_dir="/one")
    pending = PendingSettings()

    pending.restore_defaults()

    assert config.get_setting("settings.log_level") == "DEBUG"
    assert sorted(pending.save()) == ["settings.https_proxy", "settings.job_history_dir", "settings.log_level"]
    assert config.get_setting("settings.log_level") == "WARNING"
    assert config.get_setting("settings.https_proxy") == ""
    assert config.get_setting("defaults.queue_id") == "queue-1"


def test_an_empty_value_means_the_default_where_there_is_one(settings_file: Path) -> None:
    store(settings__job_history_dir="/one")
    pending = PendingSettings()

    pending.set("settings.job_history_dir", "")

    assert pending.value("settings.job_history_dir") == "~/.deadline/job_history/(default)"
    pending.save()
    assert "job_history_dir" not in settings_file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("settings.https_proxy", "proxy:8080", "http://proxy.example.com:8080"),
        ("settings.ca_bundle", "/nowhere/bundle.pem", "no such file"),
        ("defaults.farm_id", "My farm", "begins with farm-"),
        ("defaults.queue_id", "farm-1", "begins with queue-"),
        ("settings.storage_profile_id", "mine", "begins with sp-"),
        ("settings.known_asset_paths", "assets", "assets does not say where it begins"),
        ("settings.job_history_dir", "one\ntwo", "line break"),
        ("defaults.aws_profile_name", "gone", "no AWS profile named 'gone'"),
    ],
)
def test_a_value_that_does_not_fit_is_a_problem_and_nothing_is_saved(
    settings_file: Path, setting: str, value: str, said: str
) -> None:
    pending = PendingSettings()
    pending.set("settings.log_level", "INFO")

    pending.set(setting, value)

    assert pending.value(setting) == value
    assert said in str(pending.problem(setting))
    assert pending.problems() == [setting]
    with pytest.raises(DeadlineOperationError, match=FIELDS[setting].label):
        pending.save()
    assert not settings_file.exists()


def test_stored_values_are_not_held_against_the_user() -> None:
    store(defaults__farm_id="an-older-form-of-id", settings__ca_bundle="/unmounted/bundle.pem")

    pending = PendingSettings()
    pending.set("settings.log_level", "INFO")

    assert pending.problems() == []
    assert pending.save() == ["settings.log_level"]


@pytest.mark.parametrize(
    ("setting", "stored", "default"),
    [
        ("settings.auto_accept", "banana", "false"),
        ("settings.max_retries_per_task", "many", "5"),
        ("settings.log_level", "LOUD", "WARNING"),
    ],
)
def test_a_stored_value_that_means_nothing_is_noticed_and_can_be_replaced(
    settings_file: Path, setting: str, stored: str, default: str
) -> None:
    section, name = setting.split(".")
    settings_file.parent.mkdir()
    settings_file.write_text(f"[{section}]\n{name} = {stored}\n", encoding="utf-8")
    pending = PendingSettings()

    assert pending.value(setting) == default
    assert stored in str(pending.notice(setting))
    assert pending.problems() == []
    pending.set(setting, default)
    pending.save()

    assert config.get_setting(setting) == default
    assert pending.notice(setting) is None


@pytest.mark.usefixtures("aws_profiles")
@pytest.mark.parametrize(
    ("setting", "value"), [("defaults.queue_id", "nonsense here"), ("settings.job_history_dir", "one\ntwo")]
)
def test_what_was_mistyped_under_one_profile_does_not_block_another(setting: str, value: str) -> None:
    pending = PendingSettings()
    pending.set(setting, value)
    assert pending.problems() == [setting]

    pending.set("defaults.aws_profile_name", "studio")

    assert pending.problems() == []


@pytest.mark.usefixtures("aws_profiles")
def test_the_profiles_are_those_of_the_aws_files_after_the_default_one() -> None:
    assert PendingSettings().profiles() == ["(default)", "studio", "annex"]


def test_a_settings_file_that_cannot_be_understood_says_so(settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("nonsense\n", encoding="utf-8")

    with pytest.raises(DeadlineOperationError, match="line 1"):
        PendingSettings()


def test_a_file_that_cannot_be_written_keeps_the_changes_pending(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no folder").write_text("", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(tmp_path / "no folder" / "config"))
    pending = PendingSettings()
    pending.set("settings.log_level", "INFO")

    with pytest.raises(DeadlineOperationError, match="no folder"):
        pending.save()

    assert pending.changes() == ["settings.log_level"]
    assert pending.value("settings.log_level") == "INFO"
