from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deadline.client.auth.monitor_urls import build_monitor_url, get_job_monitor_url
from deadline.client.config import set_setting

from .conftest import Service

HOST = "https://studio.us-west-2.deadlinecloud.amazonaws.com"
MONITOR = "/2023-10-12/monitors/monitor-1"


@pytest.mark.parametrize(
    ("ids", "page"),
    [
        ({}, "/farms"),
        ({"farm_id": "f"}, "/us-west-2/farms/f"),
        ({"farm_id": "f", "queue_id": "q"}, "/us-west-2/farms/f/queues/q"),
        ({"farm_id": "f", "queue_id": "q", "job_id": "j"}, "/us-west-2/farms/f/queues/q?jobId=j"),
        (
            {"farm_id": "f", "queue_id": "q", "job_id": "j", "step_id": "s", "task_id": "t&?"},
            "/us-west-2/farms/f/queues/q?jobId=j&stepId=s&taskId=t%26%3F",
        ),
        ({"farm_id": "f ?"}, "/us-west-2/farms/f%20%3F"),
    ],
)
def test_each_resource_has_its_page(ids: dict[str, str], page: str) -> None:
    assert build_monitor_url("studio", "us-west-2", **ids) == HOST + page


def test_farm_and_monitor_can_be_in_different_regions() -> None:
    assert build_monitor_url("studio", "eu-west-1", "f", monitor_region="us-west-2") == f"{HOST}/eu-west-1/farms/f"


def test_another_host_can_be_given() -> None:
    assert (
        build_monitor_url("studio", "eu-west-1", "f", host="https://m.example/")
        == "https://m.example/eu-west-1/farms/f"
    )


def test_the_region_is_that_of_the_default_farm() -> None:
    set_setting("defaults.farm_id", "farm-1")
    set_setting("defaults.farm_region", "us-west-2")

    assert build_monitor_url("studio") == f"{HOST}/farms"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"subdomain": ""}, "subdomain"),
        ({"region": None}, "region"),
        ({"queue_id": "q"}, "queue_id was given without farm_id"),
        ({"farm_id": "f", "job_id": "j"}, "job_id was given without queue_id"),
        ({"farm_id": "f", "queue_id": "q", "step_id": "s"}, "step_id was given without job_id"),
        ({"farm_id": "f", "queue_id": "q", "job_id": "j", "task_id": "t"}, "task_id was given without step_id"),
    ],
)
def test_an_address_that_would_lead_nowhere_is_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build_monitor_url(**{"subdomain": "studio", "region": "us-west-2", **arguments})


@pytest.fixture
def monitor_profile(aws_config: Path) -> None:
    aws_config.write_text(
        "[profile studio]\nregion=us-west-2\naws_access_key_id=k\naws_secret_access_key=s\nmonitor_id=monitor-1\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "studio")


@pytest.mark.usefixtures("monitor_profile")
@pytest.mark.parametrize(
    ("url", "farm_region", "page"),
    [
        (HOST, "", f"{HOST}/us-west-2/farms/f/queues/q?jobId=j"),
        (HOST, "eu-west-1", f"{HOST}/eu-west-1/farms/f/queues/q?jobId=j"),
        (
            "https://studio.cn-north-1.dc.example.cn",
            "",
            "https://studio.cn-north-1.dc.example.cn/cn-north-1/farms/f/queues/q?jobId=j",
        ),
        ("", "eu-west-1", f"{HOST}/eu-west-1/farms/f/queues/q?jobId=j"),
    ],
)
def test_the_page_of_a_job_is_in_the_monitor_of_the_profile(
    url: str, farm_region: str, page: str, service: Service
) -> None:
    service.answers_with(MONITOR, 200, {"monitorId": "monitor-1", "subdomain": "studio", "url": url})
    set_setting("defaults.farm_id", "f")
    set_setting("defaults.farm_region", farm_region)

    assert get_job_monitor_url(None, "f", "q", "j") == page
    # The monitor's own region, not the farm's.
    assert "/us-west-2/deadline/" in service.requests[0].headers["Authorization"]


@pytest.mark.usefixtures("monitor_profile")
def test_a_monitor_that_cannot_be_asked_has_no_page(service: Service) -> None:
    service.answers_with(MONITOR, 403, {"__type": "AccessDeniedException", "message": "no"})

    assert get_job_monitor_url(None, "f", "q", "j") is None


def test_other_profiles_have_no_page(service: Service) -> None:
    assert get_job_monitor_url(None, "f", "q", "j") is None
    assert service.requests == []
