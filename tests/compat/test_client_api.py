"""The private modules of ``deadline.client.api`` that programs of others import, and what they take from them."""

from __future__ import annotations

import importlib

import pytest

IMPORTED = {
    "_list_apis": ["_call_paginated_deadline_list_api"],
    "_queue_parameters": ["get_queue_parameter_definitions"],
    "_session": ["get_boto3_client", "get_user_and_identity_store_id"],
    "_submit_job_bundle": ["create_job_from_job_bundle", "wait_for_create_job_to_complete"],
}


@pytest.mark.parametrize("name", IMPORTED)
def test_a_door_leads_to_what_is_taken_from_it(name: str) -> None:
    door = importlib.import_module(f"deadline.client.api.{name}")
    for taken in IMPORTED[name]:
        assert callable(getattr(door, taken))
    assert set(IMPORTED[name]) <= set(door.__all__)
    assert all(hasattr(door, exported) for exported in door.__all__)
