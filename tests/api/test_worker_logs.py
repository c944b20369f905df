"""Logs of workers, also for users of the monitor, and beside the log of a session."""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any, Dict

import pytest

from deadline.client import api
from deadline.client.api.resources import list_workers
from deadline.client.api.worker_logs import get_session_and_worker_logs, get_worker_logs, iterate_worker_log
from deadline.client.auth.fleet_role import assume_fleet_role_for_read, get_fleet_read_boto3_session
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm
from .loopback import Loopback, Refusal

FARM, FLEET, WORKER = "farm-" + "1" * 32, "fleet-" + "5" * 32, "worker-" + "6" * 32
QUEUE, JOB, SESSION = "queue-" + "2" * 32, "job-" + "3" * 32, "session-" + "4" * 32
NOW = datetime.datetime.now(datetime.timezone.utc)


def log(*lines: str) -> Any:
    """GetLogEvents of a stream with some lines on one page."""

    def get(members: Dict[str, Any]) -> Dict[str, Any]:
        events = [] if members.get("nextToken") else [{"timestamp": 0, "message": line} for line in lines]
        return {"events": events[-members["limit"] :], "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}

    return get


def role(number: int, minutes: float) -> Dict[str, Any]:
    return {
        "credentials": {
            "accessKeyId": f"fleet-key-{number}",
            "secretAccessKey": "secret",
            "sessionToken": "token",
            "expiration": datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes),
        }
    }


@pytest.fixture
def monitor_profile(loopback: Loopback) -> None:
    """The configured profile is one of the monitor."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        "[profile monitor]\nregion = us-west-2\nmonitor_id = monitor-1\nuser_id = user-1\nidentity_store_id = d-1\n"
        "aws_access_key_id = user-key\naws_secret_access_key = secret\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "monitor")
    os.environ.pop("AWS_ACCESS_KEY_ID", None)
    api.get_boto3_session(force_refresh=True)


def test_the_log_of_a_worker_is_in_the_group_of_its_fleet(loopback: Loopback) -> None:
    loopback.operations["GetLogEvents"] = log("one", "two", "three")

    result = get_worker_logs(FARM, FLEET, WORKER, limit=2)

    assert [event.message for event in result.events] == ["two", "three"]
    assert (result.worker_id, result.fleet_id, result.count) == (WORKER, FLEET, 2)
    assert (result.log_group, result.log_stream) == (f"/aws/deadline/{FARM}/{FLEET}", WORKER)
    assert (result.next_token, result.previous_token) == ("f/1", "b/1")
    lines = iterate_worker_log(FARM, FLEET, WORKER)
    assert [event.message for event in lines] == ["one", "two", "three"]
    assert set(loopback.access_keys) == {"test"}


def test_users_of_the_monitor_read_it_with_the_role_of_the_fleet_which_is_assumed_once(
    loopback: Loopback, monitor_profile: None
) -> None:
    loopback.operations["AssumeFleetRoleForRead"] = lambda members: role(1, minutes=60)
    loopback.operations["GetLogEvents"] = log("one")

    for _ in range(2):
        assert get_worker_logs(FARM, FLEET, WORKER).count == 1

    assert [name for name, _ in loopback.requests] == ["AssumeFleetRoleForRead", "GetLogEvents", "GetLogEvents"]
    assert loopback.access_keys == ["user-key", "fleet-key-1", "fleet-key-1"]


def test_credentials_of_the_fleet_are_renewed_before_they_expire(loopback: Loopback) -> None:
    loopback.operations["AssumeFleetRoleForRead"] = lambda members: role(len(loopback.requests), minutes=1)
    session: Any = get_fleet_read_boto3_session(api.get_boto3_client("deadline"), FARM, FLEET)
    assert loopback.requests == []

    keys = [session.get_credentials().get_frozen_credentials().access_key for _ in range(2)]

    assert keys == ["fleet-key-1", "fleet-key-2"]
    assert get_fleet_read_boto3_session(api.get_boto3_client("deadline"), FARM, FLEET) is session
    assert assume_fleet_role_for_read(FARM, FLEET)["credentials"]["accessKeyId"] == "fleet-key-3"


def test_the_session_of_a_fleet_has_the_proxy_and_certificates_of_the_settings(
    loopback: Loopback, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("", encoding="utf-8")
    set_setting("settings.https_proxy", "http://proxy.example:3128")
    set_setting("settings.ca_bundle", str(bundle))
    session: Any = get_fleet_read_boto3_session(api.get_boto3_client("deadline"), FARM, FLEET, region="eu-west-1")
    assert session.region_name == "eu-west-1"
    assert session._session.get_default_client_config().proxies["https"] == "http://proxy.example:3128"
    assert session._session.get_config_variable("ca_bundle") == str(bundle)


def test_a_role_that_may_not_be_assumed_is_explained(loopback: Loopback, monitor_profile: None) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "Not yours.", 403)

    loopback.operations["AssumeFleetRoleForRead"] = refuse
    with pytest.raises(DeadlineOperationError, match=f"role of fleet {FLEET} could not be assumed.*\n.*the fleet has"):
        get_worker_logs(FARM, FLEET, WORKER)


def session_of_a_worker(loopback: Loopback) -> None:
    loopback.operations["GetSession"] = lambda members: {
        "sessionId": SESSION,
        "fleetId": FLEET,
        "workerId": WORKER,
        "startedAt": NOW - datetime.timedelta(minutes=10),
        "endedAt": NOW,
        "lifecycleStatus": "ENDED",
        "log": {"logDriver": "awslogs"},
    }


def test_beside_a_session_stands_what_its_worker_logged_meanwhile(loopback: Loopback) -> None:
    session_of_a_worker(loopback)
    loopback.operations["GetLogEvents"] = log("a line")

    both = get_session_and_worker_logs(FARM, QUEUE, JOB, SESSION)

    assert both.session_logs.log_stream == SESSION
    assert both.worker_logs is not None
    assert both.worker_logs.log_stream == WORKER
    assert both.session["lifecycleStatus"] == "ENDED"
    of_session, of_worker = loopback.asked("GetLogEvents")
    assert "startTime" not in of_session
    span = of_worker["endTime"] - of_worker["startTime"]
    assert 10 * 60_000 < span <= 15 * 60_000


def test_a_worker_whose_log_may_not_be_read_does_not_hide_the_log_of_the_session(loopback: Loopback) -> None:
    session_of_a_worker(loopback)

    def get(members: Dict[str, Any]) -> Dict[str, Any]:
        if members["logStreamName"] == WORKER:
            raise Refusal("AccessDeniedException", "Only for administrators.")
        return dict(log("a line")(members))

    loopback.operations["GetLogEvents"] = get
    both = get_session_and_worker_logs(FARM, QUEUE, JOB, SESSION)
    assert both.session_logs.count == 1
    assert both.worker_logs is None
    assert "Only for administrators" in str(both.worker_logs_error)


def test_a_farm_gives_the_role_of_its_fleet_and_what_its_workers_logged(farm: Farm) -> None:
    (fleet,) = api.list_fleets(farmId=farm.farm_id)["fleets"]
    fleet_id = fleet["fleetId"]
    assert assume_fleet_role_for_read(farm.farm_id, fleet_id)["credentials"]["accessKeyId"]
    worker_id = list_workers(farm.farm_id, fleet_id)["workers"][0]["workerId"]
    end = time.monotonic() + 20
    while not get_worker_logs(farm.farm_id, fleet_id, worker_id).events:
        assert time.monotonic() < end, "the worker logged nothing"
        time.sleep(0.05)
    assert get_worker_logs(farm.farm_id, fleet_id, WORKER).events == []
