"""The forms in which results are printed: tables at a terminal, YAML in a pipe, JSON where it is asked for."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deadline.client.cli import output

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def plain(text: str) -> str:
    return COLOUR.sub("", text)


@pytest.mark.parametrize(
    ("words", "key", "columns"),
    [
        (("farm", "list"), "farms", "farmId region displayName"),
        (("queue", "list"), "queues", "queueId displayName"),
        (("fleet", "list"), "fleets", "fleetId displayName"),
        (("worker", "list", "--fleet-id", "{0.fleet_id}"), "workers", "workerId status createdAt"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_list_is_a_table_at_a_terminal_and_the_answer_of_the_service_as_json(
    words: tuple[str, ...], key: str, columns: str, farm: Any, deadline: Any
) -> None:
    arguments = [word.format(farm) for word in words]

    table = deadline(*arguments, terminal=True)
    as_json = deadline(*arguments, "--output", "JSON", terminal=True)

    lines = plain(table.out).splitlines()
    head = next(number for number, line in enumerate(lines) if line.split() == columns.split())
    items = as_json.json[key]
    first = columns.split()[0]
    assert [line.split()[0] for line in lines[head + 1 :]] == [item[first] for item in items]
    assert as_json.out == json.dumps(as_json.json, indent=2) + "\n"
    assert (table.code, as_json.code) == (0, 0)


def test_the_forms_can_be_chosen_wherever_the_output_goes(farm: Any, deadline: Any) -> None:
    table = plain(deadline("queue", "list", terminal=True).out)
    assert deadline("queue", "list", "--output", "table").out == table
    assert yaml.safe_load(deadline("queue", "list", "--output", "verbose", terminal=False).out)
    coloured = deadline("queue", "list", "--output", "verbose", terminal=True).out
    assert plain(coloured) == deadline("queue", "list").out


def test_workers_as_json_come_with_their_number(farm: Any, deadline: Any) -> None:
    shown = deadline("worker", "list", "--fleet-id", farm.fleet_id, "--page-size", "1", "--output", "json").json
    assert len(shown["workers"]) == 1
    assert shown["totalResults"] >= 1
    assert datetime.datetime.fromisoformat(shown["workers"][0]["createdAt"]).tzinfo is not None


@pytest.mark.parametrize(
    "words",
    [
        ("farm", "get"),
        ("queue", "get"),
        ("queue", "paramdefs"),
        ("fleet", "get", "--fleet-id", "{0.fleet_id}"),
        ("worker", "get", "--fleet-id", "{0.fleet_id}", "--worker-id", "{1}"),
    ],
    ids=" ".join,
)
def test_details_are_the_same_as_yaml_and_as_json(words: tuple[str, ...], farm: Any, deadline: Any) -> None:
    worker = farm.client.search_workers(farmId=farm.farm_id, fleetIds=[farm.fleet_id], itemOffset=0)["workers"][0]
    arguments = [word.format(farm, worker["workerId"]) for word in words]

    as_yaml = yaml.safe_load(deadline(*arguments).out)
    as_json = deadline(*arguments, "--output", "json")

    assert json.loads(json.dumps(as_yaml, default=lambda value: value.isoformat())) == as_json.json
    assert "ResponseMetadata" not in as_json.json


def test_fleets_of_a_queue_are_one_json_object(farm: Any, deadline: Any) -> None:
    shown = deadline("fleet", "get", "--queue-id", farm.queue_id, "--output", "json").json
    assert [fleet["fleetId"] for fleet in shown["fleets"]] == [farm.fleet_id]


@pytest.mark.parametrize("variable", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_they_are_not_wanted(
    variable: tuple[str, str], farm: Any, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert COLOUR.search(deadline("farm", "get", terminal=True).out)
    monkeypatch.setenv(*variable)
    for words in (("farm", "get"), ("farm", "list"), ("auth", "status"), ("config", "show")):
        assert "\x1b" not in deadline(*words, terminal=True).out


def test_a_setting_is_json_on_request_alone(deadline: Any) -> None:
    assert deadline("config", "get", "settings.log_level").out == "WARNING\n"
    assert (
        deadline("config", "get", "settings.log_level", "--output", "json").out == '{"settings.log_level": "WARNING"}\n'
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy.example.com:8080", "http://proxy.example.com:8080"),
        ("http://render:hidden@proxy.example.com:8080", "http://***@proxy.example.com:8080"),
        ("http://render:hid@den://@proxy.example.com", "http://***@proxy.example.com"),
        ("render:hidden@proxy.example.com:8080", "***@proxy.example.com:8080"),
        ("http://render:hidden", "***"),
        ("hidden words", "***"),
    ],
)
def test_settings_are_shown_without_the_password_of_a_proxy(url: str, shown: str, deadline: Any, home: Path) -> None:
    (home / "settings").write_text(f"[settings]\nhttps_proxy = {url}\n", encoding="utf-8")
    as_json = deadline("config", "show")
    for_people = deadline("config", "show", "--output", "verbose")
    assert as_json.json["settings.https_proxy"] == shown
    assert f"\nsettings.https_proxy: {shown} \n" in for_people.out
    assert "hidden" not in as_json.out + as_json.err + for_people.out + for_people.err
    # Who asks for it by its name gets it.
    assert deadline("config", "get", "settings.https_proxy").out == f"{url}\n"


def test_tables_are_aligned_also_with_wide_characters_and_hostile_names(capsys: pytest.CaptureFixture[str]) -> None:
    moment = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.timezone.utc)
    output.print_table(
        [
            {"name": "a\x1b[2Jb\u202e", "label": "レンダー", "at": moment},
            {"name": "c", "label": "e\u0301"},
        ],
        ("name", "label", "at"),
    )
    head, first, second = capsys.readouterr().out.splitlines()
    day = moment.astimezone().strftime("%Y-%m-%d")
    # Each of the four wide characters takes two columns, and the accent none.
    assert (head.index("at"), head.index("name")) == (first.index(day) + 4, second.index("c") - 1)
    assert first.endswith("  a [2Jb")


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_listing({"queues": []}, "queues", ("queueId",), "table")
    output.print_listing({"queues": []}, "queues", ("queueId",), None)
    assert capsys.readouterr().out == "There are no queues.\n[]\n\n"


def test_only_keys_of_yaml_are_coloured() -> None:
    text = "- a: 1\n  text: |\n    b: no key\n    more\n  c: 'd: e'\n- f: []\n"
    lines = output._with_coloured_keys(text.split("\n"))
    assert plain("\n".join(lines)) == text
    assert [COLOUR.search(line) is not None for line in lines] == [True, True, False, False, True, True, False]
