"""The newer conda channel beside the older one."""

from __future__ import annotations

from typing import Any

import pytest

from deadline.client.api._queue_parameters import _apply_deadline_cloud_v2_channel_migration as migrate


def channels(**fields: Any) -> dict[str, Any]:
    return {"name": "CondaChannels", "type": "STRING", **fields}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("deadline-cloud", "deadline-cloud-v2 deadline-cloud"),
        ("mine  deadline-cloud conda-forge", "mine  deadline-cloud-v2 deadline-cloud conda-forge"),
        ("deadline-cloud-v2 deadline-cloud", "deadline-cloud-v2 deadline-cloud"),
        ("deadline-cloud deadline-cloud-v2", "deadline-cloud deadline-cloud-v2"),
        ("my-deadline-cloud deadline-cloud-beta", "my-deadline-cloud deadline-cloud-beta"),
        ("", ""),
    ],
)
def test_the_newer_channel_comes_before_the_older_one(before: str, after: str) -> None:
    parameters: Any = [
        {"name": "Other", "type": "STRING", "default": "deadline-cloud"},
        channels(default=before, value=before),
    ]
    for _ in range(2):
        migrate(parameters)
        assert parameters == [
            {"name": "Other", "type": "STRING", "default": "deadline-cloud"},
            channels(default=after, value=after),
        ]


@pytest.mark.parametrize(
    "constraint",
    [{"maxLength": 20}, {"allowedValues": ["deadline-cloud", "conda-forge"]}, {"allowedPattern": "deadline-cloud|x"}],
)
def test_nothing_changes_where_the_change_would_not_be_allowed(constraint: dict[str, Any]) -> None:
    parameter = channels(default="deadline-cloud", value="deadline-cloud", **constraint)
    before = dict(parameter)
    migrate([parameter])  # type: ignore[list-item]
    assert parameter == before


def test_neither_field_changes_where_one_may_not() -> None:
    parameter = channels(default="deadline-cloud", value="deadline-cloud " + "x" * 20, maxLength=40)
    migrate([parameter])  # type: ignore[list-item]
    assert parameter["default"] == "deadline-cloud"
