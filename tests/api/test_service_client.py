"""How patient clients are: with a service that is busy, and with one that is not there."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from deadline.client.api.service_client import ATTEMPTS_TO_CONNECT, deadline_client

from .loopback import Loopback, Refusal


def attempts_of(client: Any) -> list[Any]:
    """The requests that a client sends from now on."""
    sent: list[Any] = []
    client.meta.events.register("before-send.deadline", lambda request, **members: sent.append(request) or None)
    return sent


def test_a_service_at_whose_address_nobody_listens_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", f"http://127.0.0.1:{closed.getsockname()[1]}")
        client = deadline_client("farm-1", patient=True)
        attempts = attempts_of(client)

        with pytest.raises(EndpointConnectionError):
            client.get_farm(farmId="farm-1")

    assert len(attempts) == ATTEMPTS_TO_CONNECT


def test_a_service_that_is_busy_is_asked_again(loopback: Loopback) -> None:
    def busy_at_first(members: Any) -> Any:
        if len(loopback.asked("GetFarm")) == 1:
            raise Refusal("ThrottlingException", status=429)
        return {"farmId": "farm-1", "displayName": "Farm"}

    loopback.operations["GetFarm"] = busy_at_first

    assert deadline_client("farm-1", patient=True).get_farm(farmId="farm-1")["displayName"] == "Farm"
