from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from deadline.client import config
from deadline.client.config import config_file, editing
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


def test_clearing_removes_the_setting_and_its_empty_section_f_6(settings_file: Path) -> None:
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
        ("settings.s3_max_bandwidth", "-1"),
        ("settings.s3_max_bandwidth", "fast"),
        ("settings.max_retries_per_task", "-1"),
        ("settings.max_retries_per_task", "9" * 5000),
        ("settings.https_proxy", "proxy without scheme"),
        ("settings.https_proxy", "http://user:word"),
        ("settings.https_proxy", "http://user:word@"),
        ("settings.job_history_dir", "/jobs\udcff"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing_f_4(
    name: str, value: str, settings_file: Path
) -> None:
    with pytest.raises(DeadlineOperationError, match=name):
        config.set_setting(name, value)

    assert not settings_file.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("defaults.farm_id", "farm-1\n[defaults]"),
        ("defaults.aws_profile_name", "studio\x1b[31m"),
        ("settings.job_history_dir", "/jobs\u2028next"),
        ("defaults.farm_id", "farm 1"),
        ("defaults.queue_id", "queue-1]"),
        ("defaults.farm_region", "us west 2"),
    ],
)
def test_what_would_break_a_section_is_refused_f_3(name: str, value: str, settings_file: Path) -> None:
    with pytest.raises(DeadlineOperationError, match=name):
        config.set_setting(name, value)

    assert not settings_file.exists()


words = st.text("ab-", max_size=3)
profiles = st.lists(words.filter(bool), min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.tuples(profiles, words, words), min_size=2, max_size=6, unique=True))
def test_no_two_profiles_farms_and_queues_share_a_place_f_3(places: list[tuple[str, str, str]]) -> None:
    private = ConfigParser(interpolation=None)
    values = {}
    for number, (profile, farm, queue) in enumerate(places):
        config.set_setting("defaults.aws_profile_name", profile, private)
        # An id that another place has set already stays, as it does when the user goes back to that profile.
        config.set_setting("defaults.farm_id", farm, private)
        config.set_setting("defaults.queue_id", queue, private)
        config.set_setting("defaults.job_id", f"job-{number}", private)
        values[profile, farm, queue] = f"job-{number}"

    for (profile, farm, queue), job in values.items():
        for name, value in (("aws_profile_name", profile), ("farm_id", farm), ("queue_id", queue)):
            config.set_setting(f"defaults.{name}", value, private)
        assert config.get_setting("defaults.job_id", private) == job


@pytest.mark.parametrize(
    ("name", "stored", "default"),
    [
        ("settings.auto_accept", "banana", "false"),
        ("settings.max_retries_per_task", "many", "5"),
        ("settings.log_level", "LOUD", "WARNING"),
    ],
)
def test_a_stored_value_that_is_no_use_gives_way_to_the_default_and_is_told_once_f_4(
    name: str, stored: str, default: str, settings_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings_file.parent.mkdir()
    key = name.split(".")[1]
    settings_file.write_text(f"[defaults]\n{key} = else\n[settings]\n{key.upper()}: {stored}\n", encoding="utf-8")

    assert [config.get_setting(name), config.get_setting(name, config_file.read_config())] == [default, default]

    (record,) = caplog.records
    assert f"Line 4 of the settings file {settings_file}" in record.getMessage()
    assert f"deadline config clear {name}" in record.getMessage()


def test_words_are_read_in_any_case_f_4(settings_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("[settings]\nlog_level = Info\nauto_accept = TRUE\n", encoding="utf-8")

    assert config.get_setting("settings.log_level") == "INFO"
    assert config.str2bool(config.get_setting("settings.auto_accept")) is True
    assert caplog.records == []


def test_a_stored_proxy_that_cannot_work_is_not_left_out_in_silence_f_4(settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("[settings]\nhttps_proxy = proxy without scheme\n", encoding="utf-8")

    assert config.get_setting("settings.https_proxy") == "proxy without scheme"


def test_only_text_is_a_value() -> None:
    with pytest.raises(TypeError):
        config.set_setting("settings.auto_accept", True)  # type: ignore[arg-type]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(value=st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["C", "Z"])))
def test_any_printable_value_survives_the_file(value: str) -> None:
    config.set_setting("settings.locale", value)

    assert config.get_setting("settings.locale") == value


def test_a_percent_sign_is_a_plain_character_f_5() -> None:
    proxy = "http://user:p%40ss@proxy.example.com:8080"
    config.set_setting("settings.https_proxy", proxy)

    assert config.get_setting("settings.https_proxy") == proxy


@pytest.mark.parametrize(
    ("text", "value"),
    [("%", "%"), ("%%", "%"), ("http://a:%40@b", "http://a:%40@b"), ("http://a:%%40@b", "http://a:%40@b")],
)
def test_both_spellings_of_a_percent_sign_are_read_f_5(text: str, value: str, settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text(f"[settings]\nhttps_proxy = {text}\n", encoding="utf-8")

    assert config.get_setting("settings.https_proxy") == value
    assert config.get_best_profile_for_farm("farm-1") == "(default)"


@given(st.text("%4a", max_size=6))
def test_what_is_written_is_read_by_programs_that_interpolate_f_5(value: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEADLINE_CONFIG_FILE_PATH", os.path.join(folder, "config"))
        config.set_setting("settings.locale", value)
        other = ConfigParser()
        other.read(os.path.join(folder, "config"), encoding="utf-8")

        assert other.get("settings", "locale") == value
        assert config.get_setting("settings.locale") == value


def test_blanks_around_a_value_are_no_part_of_it() -> None:
    private = config_file.read_config()
    config.set_setting("settings.locale", "  ja_JP ", private)

    assert config.get_setting("settings.locale", private) == "ja_JP"


def test_no_error_repeats_a_password(settings_file: Path) -> None:
    password = "hunter" + "2"
    with pytest.raises(DeadlineOperationError, match="https_proxy") as refused:
        config.set_setting("settings.https_proxy", f"user:{password}@proxy:3128")
    settings_file.parent.mkdir()
    settings_file.write_text(f"[settings]\nhttps_proxy {password}\n", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match="line 2") as unreadable:
        config.get_setting("settings.https_proxy")

    for error in (refused.value, unreadable.value):
        assert password not in "".join(traceback.format_exception(type(error), error, error.__traceback__))


def test_entries_of_a_default_section_stay_there(settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("[DEFAULT]\nlog_level = INFO\n[settings]\nlocale = de_DE\n", encoding="utf-8")

    config.set_setting("settings.auto_accept", "true")

    assert config.get_setting("settings.log_level") == "INFO"
    assert settings_file.read_text(encoding="utf-8").count("log_level") == 1


def test_a_configuration_object_is_changed_instead_of_the_file(settings_file: Path) -> None:
    private = config_file.read_config()
    config.set_setting("defaults.aws_profile_name", "studio", private)
    config.set_setting("defaults.farm_id", "farm-1", config=private)

    assert config.get_setting("defaults.farm_id", private) == "farm-1"
    assert config.get_setting("defaults.farm_id") == ""
    assert not settings_file.exists()

    config_file.write_config(private)
    assert config.get_setting("defaults.farm_id") == "farm-1"


def test_readers_own_what_they_read_f_7(settings_file: Path) -> None:
    config.set_setting("defaults.farm_id", "farm-1")

    config.set_setting("defaults.farm_id", "leaked", config_file.read_config())

    assert config.get_setting("defaults.farm_id") == "farm-1"


def test_a_change_by_another_program_is_seen_even_with_an_equal_time_f_8(settings_file: Path) -> None:
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
def test_a_file_that_cannot_be_understood_is_named_with_its_line_f_2(
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
def test_file_and_folder_are_for_their_owner_alone_f_8(settings_file: Path) -> None:
    config.set_setting("settings.auto_accept", "true")

    assert stat.S_IMODE(settings_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings_file.parent.stat().st_mode) == 0o700


@posix_only
def test_a_linked_settings_file_stays_a_link_f_8(settings_file: Path, tmp_path: Path) -> None:
    settings_file.parent.mkdir()
    target = tmp_path / "dotfiles" / "deadline"
    target.parent.mkdir()
    target.touch()
    settings_file.symlink_to(target)

    config.set_setting("defaults.farm_id", "farm-1")

    assert settings_file.is_symlink()
    assert "farm-1" in target.read_text(encoding="utf-8")


def test_a_write_that_fails_leaves_no_trace_f_8(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(settings_file / "is-a-folder"))
    settings_file.parent.mkdir()
    settings_file.write_text("a file where a folder is needed", encoding="utf-8")

    with pytest.raises(DeadlineOperationError, match="is-a-folder"):
        config.set_setting("settings.auto_accept", "true")

    assert [path.name for path in settings_file.parent.iterdir()] == ["config"]


def test_a_write_that_fails_changes_no_later_reading_f_7(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.set_setting("settings.locale", "de_DE")
    private = config_file.read_config()
    config.set_setting("settings.locale", "ja_JP", private)
    private.add_section("broken")
    private.set("broken", "value", "\udcff")

    with pytest.raises(DeadlineOperationError, match="not be saved"):
        config_file.write_config(private)

    assert config.get_setting("settings.locale") == "de_DE"
    assert {path.name for path in settings_file.parent.iterdir()} == {"config", "config.lock"}


def test_a_thread_that_holds_the_settings_can_change_them_f_8() -> None:
    with editing.settings_lock(), editing.settings_lock():
        config.set_setting("settings.locale", "ja_JP")

    assert config.get_setting("settings.locale") == "ja_JP"


def test_threads_that_set_different_settings_lose_nothing_f_8() -> None:
    names = ("settings.max_retries_per_task", "settings.max_failed_tasks_count")

    def count(name: str) -> None:
        for number in range(25):
            config.set_setting(name, str(number + 1))
            assert config.get_setting(name) == str(number + 1)

    with ThreadPoolExecutor() as pool:
        list(pool.map(count, names))

    assert [config.get_setting(name) for name in names] == ["25", "25"]


def test_a_program_that_keeps_the_settings_locked_is_told_of_f_8(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deadline.client.config._file.LOCK_SECONDS", 0.1)
    script = (
        "from deadline.client.config.editing import settings_lock\n"
        "with settings_lock():\n"
        "    print('locked', flush=True)\n"
        "    input()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], text=True, **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(DeadlineOperationError, match=r"kept locked by another program.*end it"):
            config.set_setting("settings.locale", "ja_JP")
        other.communicate("\n")

    config.set_setting("settings.locale", "ja_JP")
    assert config.get_setting("settings.locale") == "ja_JP"


def test_two_processes_that_set_different_settings_lose_nothing_f_8(settings_file: Path) -> None:
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


def test_the_endpoint_is_taken_from_the_environment_when_asked_for_f_9(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:1")
    assert config.DEFAULT_DEADLINE_ENDPOINT_URL == "http://127.0.0.1:1"


def test_the_endpoint_is_in_the_region_of_the_environments_profile_f_9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert config.DEFAULT_DEADLINE_ENDPOINT_URL == "https://deadline.us-west-2.amazonaws.com"
    (tmp_path / "aws-config").write_text("[default]\nregion=eu-west-1\n[profile tokyo]\nregion = ap-northeast-1\n")
    assert config.DEFAULT_DEADLINE_ENDPOINT_URL == "https://deadline.eu-west-1.amazonaws.com"
    monkeypatch.setenv("AWS_PROFILE", "tokyo")
    assert config_file.DEFAULT_DEADLINE_ENDPOINT_URL == "https://deadline.ap-northeast-1.amazonaws.com"


def test_a_profile_that_does_not_exist_keeps_nobody_from_importing_f_9(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    script = "from deadline.client import config; print(config.DEFAULT_DEADLINE_ENDPOINT_URL)"

    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout

    assert printed.startswith("https://deadline.")


def test_the_list_of_regions_is_described_as_what_it_is_f_25() -> None:
    assert "comes with this version" in config_file.SETTINGS["settings.deadline_regions"]["description"]


def test_settings_need_no_other_library() -> None:
    heavy = "import sys, deadline.client.config; print([m for m in ('boto3', 'botocore', 'yaml') if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True).stdout.strip() == b"[]"
