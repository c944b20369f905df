"""What programs show of settings, and what they find wrong with a settings file."""

from __future__ import annotations

from configparser import ConfigParser

import pytest
from hypothesis import given, strategies as st

from deadline.client.config.inspection import inspect_settings, shown_proxy, shown_value

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4).map(lambda text: f"secret{text}")


@given(SECRETS)
def test_no_password_of_a_proxy_is_shown(password: str) -> None:
    for url in (f"http://render:{password}@proxy.example.com:8080", f"render:{password}@proxy.example.com"):
        assert "secret" not in shown_proxy(url)
        assert shown_proxy(url).endswith("***") or "***@proxy.example.com" in shown_proxy(url)


@given(SECRETS)
def test_what_may_be_a_password_is_shown_least_of_all(password: str) -> None:
    assert "secret" not in shown_proxy(f"http://render:{password}")


def test_values_without_secrets_are_shown_as_they_are() -> None:
    assert shown_value("settings.https_proxy", "http://proxy.example.com:8080") == "http://proxy.example.com:8080"
    assert shown_value("settings.https_proxy", "") == ""
    assert shown_value("settings.locale", "a@b") == "a@b"
    assert shown_value("no.such", "a@b") == "a@b"


@pytest.mark.parametrize(
    ("section", "entry", "problem"),
    [
        ("settings", "log_level = loud", "expected one of"),
        ("settings", "log_level = info", None),
        ("settings", "log_level =", None),
        ("settings", "colour = red", "there is no such setting"),
        ("settings", "auto_acept = true", "is it settings.auto_accept"),
        ("profile-studio farm-1 settings", "storage_profile_id = sp-1", None),
        ("profile-a studio farm-1 queue-1 defaults", "job_id = job 1", "without blanks"),
        ("settings", "https_proxy = http://u:100%%25@proxy", None),
    ],
)
def test_entries_that_are_no_use_are_found_in_every_section(section: str, entry: str, problem: str | None) -> None:
    config = ConfigParser(interpolation=None)
    config.read_string(f"[{section}]\n{entry}\n")
    found = list(inspect_settings(config))
    assert [one.section for one in found] == ([section] if problem else [])
    assert problem is None or problem in found[0].problem


def test_a_problem_with_a_proxy_does_not_repeat_it() -> None:
    config = ConfigParser(interpolation=None)
    config.read_string("[settings]\nhttps_proxy = http://render:secret word\n")
    (found,) = inspect_settings(config)
    assert "secret" not in found.problem
