"""How the command line says who one is."""

from __future__ import annotations

from typing import Any


def test_status_is_a_json_object_in_a_pipe(farm: Any, deadline: Any) -> None:
    result = deadline("auth", "status")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    assert result.json == {
        "profile_name": "(default)",
        "source": "HOST_PROVIDED",
        "status": "AUTHENTICATED",
        "api_availability": True,
    }


def test_status_is_four_lines_for_people(farm: Any, deadline: Any) -> None:
    assert deadline("auth", "status", "--output", "VERBOSE").out == (
        "     Profile Name: (default)\n"
        "           Source: HOST_PROVIDED\n"
        "           Status: AUTHENTICATED\n"
        " API Availability: True\n"
    )


def test_status_on_a_terminal_is_for_people_unless_json_is_asked_for(farm: Any, deadline: Any) -> None:
    assert "Profile Name: (default)" in deadline("auth", "status", terminal=True).out
    assert deadline("auth", "status", "--output", "json", terminal=True).json["status"] == "AUTHENTICATED"


def test_status_without_credentials_says_why_and_succeeds(deadline: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    result = deadline("auth", "status")
    assert result.code == 0
    assert result.json["status"] == "CONFIGURATION_ERROR"
    assert result.json["api_availability"] is False
    assert "credentials" in result.err


def test_status_of_a_profile_that_does_not_exist_names_it(deadline: Any) -> None:
    result = deadline("auth", "status", "--profile", "nobody")
    assert result.json == {
        "profile_name": "nobody",
        "source": "NOT_VALID",
        "status": "CONFIGURATION_ERROR",
        "api_availability": False,
    }
    assert "(nobody) could not be found" in result.err
