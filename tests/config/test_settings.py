from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadline.client import config
from deadline.client.config import config_file
from deadline.client.exceptions import DeadlineOperationError

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")


def test_a_setting_that_was_never_set_has_its_default() -> None:
    assert config.get_setting("settings.log_level") == "WARNING"
    assert config.get_setting("defaults.farm_id") == ""


def test_what_is_set_is_got_back_by_a_new_reader_of_the_file(settings_file: Path) -> None:
    config.set_setting("defaults.farm_id", "farm-1")

    assert config.get_setting("defaults.farm_id") == "farm-1"
    assert "[profile-(default) defaults]\nfarm_id = farm-1" in settings_file.read_text(encoding="utf-8")


def test_sections_carry_the_values_that_a_setting_depends_on(settings_file: Path) -> None:
    config.set_setting("defaults.aws_profile_name", "prof")
    config.set_setting("defaults.farm_id", "farm-1")
    config.set_setting("defaults.queue_id", "queue-1")
    config.set_setting("defaults.job_id", "job-1")
    config.set_setting("settings.storage_profile_id", "sp-1")
    config.set_setting("settings.job_history_dir", "/history")

    headers = [line for line in settings_file.read_text(encoding="utf-8").splitlines() if line.startswith("[")]

    assert headers == [
        "[defaults]",
        "[profile-prof defaults]",
        "[profile-prof farm-1 defaults]",
        "[profile-prof farm-1 queue-1 defaults]",
        "[profile-prof farm-1 settings]",
        "[profile-prof settings]",
    ]


def test_without_a_farm_the_section_has_an_empty_word(settings_file: Path) -> None:
    config.set_setting("defaults.queue_id", "queue-1")
    config.set_setting("defaults.job_id", "job-1")

    text = settings_file.read_text(encoding="utf-8")

    assert "[profile-(default)  defaults]" in text
    assert "[profile-(default)  queue-1 defaults]" in text


def test_switching_the_profile_switches_what_depends_on_it_and_back() -> None:
    config.set_setting("defaults.farm_id", "farm-of-default")
    config.set_setting("defaults.aws_profile_name", "studio")
    assert config.get_setting("defaults.farm_id") == ""
    config.set_setting("defaults.farm_id", "farm-of-studio")
    config.set_setting("defaults.aws_profile_name", "(default)")

    assert config.get_setting("defaults.farm_id") == "farm-of-default"


def test_the_job_history_folder_carries_the_profile_in_its_default_only() -> None:
    config.set_setting("defaults.aws_profile_name", "studio")
    assert config.get_setting("settings.job_history_dir").replace("\\", "/") == "~/.deadline/job_history/studio"

    config.set_setting("settings.job_history_dir", "/jobs/{aws_profile_name}")

    assert config.get_setting("settings.job_history_dir").replace("\\", "/") == "/jobs/{aws_profile_name}"


def test_clearing_removes_the_setting_and_its_empty_section(settings_file: Path) -> None:
    config.set_setting("settings.auto_accept", "true")

    config.clear_setting("settings.auto_accept")

    assert config.get_setting("settings.auto_accept") == "false"
    assert settings_file.read_text(encoding="utf-8").strip() == ""


def test_a_misspelt_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(DeadlineOperationError, match=r"Did you mean 'defaults\.farm_id'"):
        config.get_setting("defaults.farmid")
    with pytest.raises(DeadlineOperationError, match=r"not a valid setting name.*'settings\.log_level'"):
        config.set_setting("log_level", "INFO")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settings.auto_accept", "banana"),
        ("settings.log_level", "LOUD"),
        ("settings.conflict_resolution", "skip"),
        ("settings.s3_max_pool_connections", "0"),
        ("settings.max_retries_per_task", "-1"),
        ("settings.https_proxy", "proxy without scheme"),
        ("defaults.farm_id", "farm-1\n[defaults]"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(name: str, value: str, settings_file: Path) -> None:
    with pytest.raises(DeadlineOperationError, match=name):
        config.set_setting(name, value)

    assert not settings_file.exists()


def test_only_text_is_a_value() -> None:
    with pytest.raises(TypeError):
        config.set_setting("settings.auto_accept", True)  # type: ignore[arg-type]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(value=st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["C", "Z"])))
def test_any_printable_value_survives_the_file(value: str) -> None:
    config.set_setting("settings.locale", value)

    assert config.get_setting("settings.locale") == value


def test_a_percent_sign_is_a_plain_character() -> None:
    proxy = "http://user:p%40ss@proxy.example.com:8080"
    config.set_setting("settings.https_proxy", proxy)

    assert config.get_setting("settings.https_proxy") == proxy


def test_a_configuration_object_is_changed_instead_of_the_file(settings_file: Path) -> None:
    private = config_file.read_config()
    config.set_setting("defaults.aws_profile_name", "studio", private)
    config.set_setting("defaults.farm_id", "farm-1", config=private)

    assert config.get_setting("defaults.farm_id", private) == "farm-1"
    assert config.get_setting("defaults.farm_id") == ""
    assert not settings_file.exists()

    config_file.write_config(private)
    assert config.get_setting("defaults.farm_id") == "farm-1"


def test_readers_own_what_they_read(settings_file: Path) -> None:
    config.set_setting("defaults.farm_id", "farm-1")

    config.set_setting("defaults.farm_id", "leaked", config_file.read_config())

    assert config.get_setting("defaults.farm_id") == "farm-1"


def test_a_change_by_another_program_is_seen_even_with_an_equal_time(settings_file: Path) -> None:
    config.set_setting("defaults.farm_id", "farm-1")
    status = settings_file.stat()
    assert config.get_setting("defaults.farm_id") == "farm-1"

    other = settings_file.with_name("other")
    other.write_text("[profile-(default) defaults]\nfarm_id = farm-2\n", encoding="utf-8")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, settings_file)

    assert config.get_setting("defaults.farm_id") == "farm-2"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"farm_id = farm-1\n", "line 1"),
        (b"[defaults]\naws_profile_name = a\n[defaults]\n", "line 3"),
        (b"[defaults]\nnonsense\n", "line 2"),
        (b"[defaults]\naws_profile_name = \xff\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_with_its_line(
    content: bytes, line: str, settings_file: Path
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_bytes(content)

    with pytest.raises(DeadlineOperationError) as raised:
        config.get_setting("defaults.farm_id")

    assert str(settings_file) in str(raised.value)
    assert line in str(raised.value)


def test_a_byte_order_mark_is_no_obstacle(settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_bytes(b"\xef\xbb\xbf[settings]\r\nlog_level = INFO\r\n")

    assert config.get_setting("settings.log_level") == "INFO"


@posix_only
def test_file_and_folder_are_for_their_owner_alone(settings_file: Path) -> None:
    config.set_setting("settings.auto_accept", "true")

    assert stat.S_IMODE(settings_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings_file.parent.stat().st_mode) == 0o700


@posix_only
def test_a_linked_settings_file_stays_a_link(settings_file: Path, tmp_path: Path) -> None:
    settings_file.parent.mkdir()
    target = tmp_path / "dotfiles" / "deadline"
    target.parent.mkdir()
    target.touch()
    settings_file.symlink_to(target)

    config.set_setting("defaults.farm_id", "farm-1")

    assert settings_file.is_symlink()
    assert "farm-1" in target.read_text(encoding="utf-8")


def test_a_write_that_fails_leaves_no_trace(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(settings_file / "is-a-folder"))
    settings_file.parent.mkdir()
    settings_file.write_text("a file where a folder is needed", encoding="utf-8")

    with pytest.raises(DeadlineOperationError, match="is-a-folder"):
        config.set_setting("settings.auto_accept", "true")

    assert [path.name for path in settings_file.parent.iterdir()] == ["config"]


def test_two_processes_that_set_different_settings_lose_nothing(settings_file: Path) -> None:
    script = (
        "import sys\n"
        "from deadline.client import config\n"
        "for n in range(100):\n"
        "    config.set_setting('defaults.aws_profile_name', '(default)')\n"
        "    config.set_setting(sys.argv[1], str(n + 1))\n"
        "    assert config.get_setting(sys.argv[1]) == str(n + 1)\n"
    )
    names = ("settings.max_retries_per_task", "settings.max_failed_tasks_count")
    processes = [subprocess.Popen([sys.executable, "-c", script, name]) for name in names]

    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert [config.get_setting(name) for name in names] == ["100", "100"]
    assert {path.name for path in settings_file.parent.iterdir()} == {"config", "config.lock"}


@pytest.mark.parametrize("word", ["yes", "ON", "True", "1"])
def test_words_for_true(word: str) -> None:
    assert config.str2bool(word) is True


@pytest.mark.parametrize("word", ["no", "Off", "FALSE", "0"])
def test_words_for_false(word: str) -> None:
    assert config.str2bool(word) is False


def test_other_words_are_neither() -> None:
    with pytest.raises(ValueError, match="banana"):
        config.str2bool("banana")


def test_the_best_profile_is_the_one_with_farm_and_queue(tmp_path: Path) -> None:
    (tmp_path / "aws-config").write_text("[profile one]\n[profile two]\n[default]\n", encoding="utf-8")
    private = config_file.read_config()
    for profile, queue in (("one", "queue-1"), ("two", "queue-2")):
        config.set_setting("defaults.aws_profile_name", profile, private)
        config.set_setting("defaults.farm_id", "farm-1", private)
        config.set_setting("defaults.queue_id", queue, private)
    config.set_setting("defaults.aws_profile_name", "(default)", private)
    config_file.write_config(private)

    assert config.get_best_profile_for_farm("farm-1", "queue-2") == "two"
    assert config.get_best_profile_for_farm("farm-1", "queue-3") == "one"
    assert config.get_best_profile_for_farm("farm-2") == "(default)"


def test_regions_come_from_the_variable_then_the_setting_then_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_file.get_deadline_regions() == list(config_file.DEADLINE_REGIONS)
    config.set_setting("settings.deadline_regions", "eu-west-1, us-east-1,eu-west-1,")
    assert config_file.get_deadline_regions() == ["eu-west-1", "us-east-1"]
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "us-west-2")
    assert config_file.get_deadline_regions() == ["us-west-2"]
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", " , ")
    assert config_file.get_deadline_regions() == ["eu-west-1", "us-east-1"]


def test_the_endpoint_is_taken_from_the_environment_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:1")
    assert config.DEFAULT_DEADLINE_ENDPOINT_URL == "http://127.0.0.1:1"


def test_settings_need_no_other_library() -> None:
    heavy = "import sys, deadline.client.config; print([m for m in ('boto3', 'botocore', 'yaml') if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True).stdout.strip() == b"[]"
