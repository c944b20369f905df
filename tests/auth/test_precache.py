from __future__ import annotations

import datetime
from typing import Any

import pytest

from deadline.client.auth.precache import precache_clients
from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.session import get_boto3_client
from deadline.client.config import config_file, set_setting

from .conftest import Service

QUEUE = "/2023-10-12/farms/farm-1/queues/queue-1"
ROLE = f"{QUEUE}/user-roles"


@pytest.fixture
def queue(service: Service) -> Service:
    now = datetime.datetime.now(datetime.timezone.utc)
    service.answers_with(QUEUE, 200, {"queueId": "queue-1", "displayName": "Comp"})
    keys = {"accessKeyId": "role-key", "secretAccessKey": "s", "sessionToken": "t"}
    end = (now + datetime.timedelta(hours=1)).isoformat()
    service.answers_with(ROLE, 200, {"credentials": {**keys, "expiration": end}})
    return service


def paths(service: Service) -> list[str]:
    return [request.path for request in service.requests]


def test_what_a_submission_needs_is_there_before_it_asks(queue: Service) -> None:
    set_setting("defaults.farm_id", "farm-1")
    set_setting("defaults.queue_id", "queue-1")
    deadline = get_boto3_client("deadline")

    assert precache_clients(deadline=deadline)[0] is deadline
    assert paths(queue) == [QUEUE, ROLE]

    session: Any = get_queue_user_boto3_session(deadline, queue_display_name="Comp")
    assert session.get_credentials().get_frozen_credentials().access_key == "role-key"
    assert paths(queue) == [QUEUE, ROLE]


def test_everything_comes_from_the_configuration_that_is_passed_f_13(queue: Service) -> None:
    config = config_file.read_config()
    set_setting("defaults.farm_id", "farm-1", config)
    set_setting("defaults.farm_region", "eu-west-1", config)
    set_setting("defaults.queue_id", "queue-1", config)
    set_setting("settings.s3_max_pool_connections", "7", config)

    deadline, s3 = precache_clients(config=config)

    assert (deadline.meta.region_name, s3.meta.region_name) == ("eu-west-1", "eu-west-1")
    assert s3.meta.config.max_pool_connections == 7


def test_a_name_that_is_known_is_not_asked_for(queue: Service) -> None:
    precache_clients(farm_id="farm-1", queue_id="queue-1", queue_display_name="Comp")

    assert paths(queue) == [ROLE]


def test_a_role_that_cannot_be_assumed_is_left_to_those_who_need_it(queue: Service) -> None:
    queue.answers_with(ROLE, 403, {"__type": "AccessDeniedException", "message": "no"})

    deadline, s3 = precache_clients(farm_id="farm-1", queue_id="queue-1")

    assert (deadline.meta.service_model.service_name, s3.meta.service_model.service_name) == ("deadline", "s3")
