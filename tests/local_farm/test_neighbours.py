"""The AWS services beside AWS Deadline Cloud answer on the same port, told apart by the scope of a request's credential."""

from __future__ import annotations

import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_farm.farm import LocalFarm
from local_farm.settings import Settings

from .conftest import Client


def bucket_of(deadline: Any) -> str:
    farm_id = deadline.list_farms()["farms"][0]["farmId"]
    queue_id = deadline.list_queues(farmId=farm_id)["queues"][0]["queueId"]
    return str(deadline.get_queue(farmId=farm_id, queueId=queue_id)["jobAttachmentSettings"]["s3BucketName"])


def test_all_services_have_the_address_of_the_farm(served_farm: LocalFarm, client: Client) -> None:
    services = ("deadline", "s3", "sts", "logs", "iam")

    assert {client(service).meta.endpoint_url for service in services} == {served_farm.endpoint_url}


def test_s3_keeps_objects_in_the_bucket_of_the_queue(client: Client) -> None:
    s3, bucket = client("s3"), bucket_of(client("deadline"))
    content = bytes(range(256)) * 1000

    s3.put_object(Bucket=bucket, Key="2023-10-12/farms", Body=content)

    # A key that looks like a path of AWS Deadline Cloud is a key all the same.
    assert s3.get_object(Bucket=bucket, Key="2023-10-12/farms")["Body"].read() == content


def test_an_object_is_fetched_by_an_address_that_carries_its_signature(client: Client) -> None:
    s3, bucket = client("s3"), bucket_of(client("deadline"))
    s3.put_object(Bucket=bucket, Key="signed", Body=b"by its address")
    address = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "signed"})
    assert urlsplit(address).query

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        assert answer.read() == b"by its address"


def test_sts_says_who_calls(client: Client) -> None:
    identity = client("sts").get_caller_identity()

    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:sts::")


def test_cloudwatch_logs_gives_back_what_was_put(client: Client) -> None:
    logs, group = client("logs"), f"/aws/deadline/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="session")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": "first"}, {"timestamp": now + 1, "message": "second"}]

    logs.put_log_events(logGroupName=group, logStreamName="session", logEvents=events)

    found = logs.get_log_events(logGroupName=group, logStreamName="session")["events"]
    assert [event["message"] for event in found] == ["first", "second"]


def test_iam_has_roles(client: Client) -> None:
    iam, name = client("iam"), f"renderer-{uuid.uuid4().hex}"

    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")

    assert name in {role["RoleName"] for role in iam.list_roles()["Roles"]}


def test_credentials_of_the_queue_s_role_open_its_bucket(client: Client) -> None:
    deadline = client("deadline")
    farm_id = deadline.list_farms()["farms"][0]["farmId"]
    queue_id = deadline.list_queues(farmId=farm_id)["queues"][0]["queueId"]
    credentials = deadline.assume_queue_role_for_user(farmId=farm_id, queueId=queue_id)["credentials"]

    s3 = client(
        "s3",
        aws_access_key_id=credentials["accessKeyId"],
        aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials["sessionToken"],
    )
    s3.put_object(Bucket=bucket_of(deadline), Key="of the role", Body=b"1")

    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket_of(deadline))["Contents"]]
    assert "of the role" in keys


def test_profiles_and_proxies_of_the_user_are_none_of_the_farm_s_business(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    (tmp_path / "config").write_text("[profile other\nbroken", encoding="utf-8")
    for name in ("HTTP_PROXY", "http_proxy"):
        # A port on which nothing listens: who goes there gets nowhere.
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with LocalFarm(Settings(tmp_path / "farm", workers=1)) as farm:
        assert farm.environment()["AWS_ENDPOINT_URL_S3"] == farm.endpoint_url
