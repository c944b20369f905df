"""What is known about a bundle by its template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from deadline.client.job_bundle._repository import BundleInfo, extract_bundle_info

from .archives import TEMPLATE

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=10,
)
templates = anything | st.fixed_dictionaries(
    {},
    optional={
        "name": anything,
        "description": anything,
        "steps": anything | st.lists(st.fixed_dictionaries({"name": anything})),
        "parameterDefinitions": anything
        | st.lists(st.fixed_dictionaries({"name": anything, "type": anything}, optional={"default": anything})),
    },
)


def test_a_bundle_is_described_for_programs_and_for_people() -> None:
    values = {"parameterValues": [{"name": "Frames", "value": "7"}, {"name": "deadline:priority", "value": 3}]}
    info = extract_bundle_info(TEMPLATE, "/bundles/turntable", values)

    assert info.to_dict() == {
        "name": "Turntable",
        "description": "A model turns",
        "steps": ["Render", "Encode"],
        "parameters": [
            {"name": "Frames", "type": "STRING", "default": "1-10", "value": "7"},
            {"name": "Scene", "type": "PATH", "objectType": "FILE", "dataFlow": "IN"},
            {"name": "Colors", "type": "LIST[STRING]", "default": ["red", "blue"]},
        ],
        "sizeBytes": None,
    }
    assert info.format_text().splitlines() == [
        "Name: Turntable",
        "Description: A model turns",
        "Steps:",
        "  - Render",
        "  - Encode",
        "Parameters:",
        "  Frames (STRING) = 7",
        "  Scene (PATH)",
        '  Colors (LIST[STRING]) = ["red", "blue"]',
    ]
    assert [parameter.get("_display_value") for parameter in info.parameters] == ["7", None, '["red", "blue"]']


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/bundles/turntable", "turntable"),
        ("/bundles/turntable.ojd", "turntable"),
        ("s3://bucket/root/job-bundles/My job.ojd", "My job"),
        ("", ""),
    ],
)
def test_a_bundle_without_a_name_is_called_as_its_path(path: str, name: str) -> None:
    assert extract_bundle_info({}, path) == BundleInfo(path, name)


def test_long_lists_and_texts_are_cut_and_the_totals_told() -> None:
    template = {
        "name": "n" * 1000,
        "description": "d" * 5000,
        "steps": [{"name": "s" * 1000}] * 501,
        "parameterDefinitions": [{"name": "p" * 1000, "type": "STRING", "default": "v" * 2000}] * 201,
    }
    info = extract_bundle_info(template, "p")

    assert (len(info.name), len(info.description)) == (512, 2048)
    assert (len(info.step_names), info.total_steps) == (500, 501)
    assert (len(info.parameters), info.total_parameters) == (200, 201)
    assert (len(info.parameters[0]["name"]), len(info.parameters[0]["_display_value"])) == (512, 1024)
    assert info.format_text().count("... and 1 more") == 2


@given(templates, anything)
@settings(deadline=None)
def test_no_template_leads_to_an_error(template: Any, values: Any) -> None:
    info = extract_bundle_info(template, "some/path", values)
    assert "\x1b" not in info.format_text()
    json.dumps(info.to_dict(), allow_nan=False)


def test_templates_that_refer_to_themselves_or_grow_without_end_are_cut() -> None:
    circle: list[Any] = []
    circle.append(circle)
    bomb: Any = "lol"
    for _ in range(40):
        bomb = [bomb] * 10
    template = {
        "steps": circle,
        "parameterDefinitions": [
            {"name": "A", "type": "LIST[STRING]", "default": circle, "more": circle},
            {"name": "B", "type": "LIST[STRING]", "default": bomb, "userInterface": {"x": bomb}},
            {"name": "C", "type": "INT", "default": 1 << 100_000},
        ],
    }
    info = extract_bundle_info(template, "p")
    assert len(json.dumps(info.to_dict())) < 100_000
    assert [parameter["name"] for parameter in info.parameters] == ["A", "B", "C"]


def test_nothing_that_a_template_says_steers_a_terminal() -> None:
    nasty = "a\x1b[2J\x9b31m\u202eb\rc"
    template = {
        "name": nasty,
        "description": f"{nasty}\nsecond line",
        "steps": [{"name": nasty}],
        "parameterDefinitions": [{"name": nasty, "type": nasty, "default": nasty}],
    }
    text = extract_bundle_info(template, "p").format_text()
    assert not set(text) & set("\x1b\x9b\u202e\r")
    assert "second line" in text
