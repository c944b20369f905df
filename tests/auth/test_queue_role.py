from __future__ import annotations

import datetime
from typing import Any

import pytest

from deadline.client.auth.queue_role import (
    assume_queue_role_for_read,
    assume_queue_role_for_user,
    get_queue_user_boto3_session,
)
from deadline.client.auth.session import get_boto3_client
from deadline.client.config import config_file, set_setting
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Service

ROLE = "/2023-10-12/farms/farm-1/queues/queue-1/user-roles"


def credentials(number: int, minutes: int) -> dict[str, Any]:
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return {
        "credentials": {
            "accessKeyId": f"role-key-{number}",
            "secretAccessKey": "role-secret",
            "sessionToken": "role-token",
            "expiration": end.isoformat(),
        }
    }


def session(**kwargs: Any) -> Any:
    return get_queue_user_boto3_session(get_boto3_client("deadline"), farm_id="farm-1", queue_id="queue-1", **kwargs)


def test_the_role_is_assumed_when_it_is_needed_and_once(service: Service) -> None:
    service.answers_with(ROLE, 200, credentials(1, minutes=60))

    role = session()
    role.client("s3")
    assert service.requests == []

    keys = [role.get_credentials().get_frozen_credentials().access_key for _ in range(3)]
    assert keys == ["role-key-1"] * 3
    assert len(service.requests) == 1
    assert session() is role


def test_credentials_are_renewed_before_they_expire(service: Service) -> None:
    service.answers[ROLE] = lambda _: (200, credentials(len(service.requests), minutes=1))
    role = session()

    keys = [role.get_credentials().get_frozen_credentials().access_key for _ in range(2)]

    assert keys == ["role-key-1", "role-key-2"]


def test_farm_and_queue_come_from_the_configuration_that_is_passed_f_13(service: Service) -> None:
    service.answers_with(ROLE, 200, credentials(1, minutes=60))
    config = config_file.read_config()
    set_setting("defaults.farm_id", "farm-1", config)
    set_setting("defaults.farm_region", "eu-west-1", config)
    set_setting("defaults.queue_id", "queue-1", config)

    role: Any = get_queue_user_boto3_session(get_boto3_client("deadline"), config)

    assert role.get_credentials().get_frozen_credentials().token == "role-token"
    assert role.region_name == "eu-west-1"


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("ThrottlingException", "Try again later"),
        ("InternalServerException", "internal error"),
        ("AccessDeniedException", "has a role"),
    ],
)
def test_a_refusal_names_the_queue_and_what_to_do(code: str, advice: str, service: Service) -> None:
    service.answers_with(ROLE, 400, {"__type": code, "message": "not now"})

    with pytest.raises(DeadlineOperationError, match="Comp queue") as raised:
        session(queue_display_name="Comp queue").get_credentials().get_frozen_credentials()

    assert "not now" in str(raised.value)
    assert advice in str(raised.value)


def test_a_forced_refresh_makes_a_new_session(service: Service) -> None:
    assert session() is not session(force_refresh=True)


def test_the_role_can_be_assumed_for_other_programs_to_use(service: Service) -> None:
    service.answers_with(ROLE, 200, credentials(1, minutes=60))
    service.answers_with(ROLE.replace("user-roles", "read-roles"), 200, credentials(2, minutes=60))

    assert assume_queue_role_for_user("farm-1", "queue-1")["credentials"]["accessKeyId"] == "role-key-1"
    assert assume_queue_role_for_read(farmId="farm-1", queueId="queue-1")["credentials"]["accessKeyId"] == "role-key-2"
