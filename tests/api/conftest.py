"""A home folder, settings and AWS configuration of each test's own."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Mapping

import pytest

from deadline.client.api.submission.host import QuietHost
from deadline.client.auth.session import get_boto3_client, invalidate_boto3_session_cache
from deadline.client.config import get_setting

from .loopback import Loopback, loopback_service

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's AWS configuration or settings reaches a test."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        *("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DEADLINE", "AWS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "DEADLINE_CLOUD_REGIONS", "DEADLINE_HOOKS_DIR"),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_CONFIG_FILE": str(home / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "DEADLINE_CONFIG_FILE_PATH": str(home / "deadline-config"),
        "HOME": str(home),
        "USERPROFILE": str(home),
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield
    invalidate_boto3_session_cache()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """An empty folder for a job bundle."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def running() -> Iterator[LocalFarm]:
    """A farm that runs jobs, shared by all tests of this folder."""
    from local_farm.testing import running_farm

    with running_farm(workers=2) as farm:
        yield farm


@pytest.fixture
def farm(running: LocalFarm, isolated: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Farm:
    """The farm, as this process's AWS clients and settings reach it; settings and caches are the test's own."""
    environment = running.environment()
    settings = tmp_path / "settings"
    shutil.copyfile(environment["DEADLINE_CONFIG_FILE_PATH"], settings)
    for name, value in {**environment, "DEADLINE_CONFIG_FILE_PATH": str(settings)}.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    return Farm()


@pytest.fixture
def loopback(isolated: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A stand-in that this process's AWS clients take for all services; see :mod:`.loopback`."""
    with loopback_service() as (service, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        invalidate_boto3_session_cache()
        yield service
        invalidate_boto3_session_cache()


class Farm:
    """The farm by its client, and what the settings say of it."""

    def __init__(self) -> None:
        self.client = get_boto3_client("deadline")
        self.farm_id = get_setting("defaults.farm_id")
        self.queue_id = get_setting("defaults.queue_id")

    @property
    def ids(self) -> dict[str, Any]:
        return {"farm_id": self.farm_id, "queue_id": self.queue_id}

    def new_queue(self, **members: Any) -> str:
        """A queue of the farm that no fleet serves."""
        answer = self.client.create_queue(farmId=self.farm_id, displayName="Another queue", **members)
        return str(answer["queueId"])

    def job(self, job_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_job(farmId=self.farm_id, queueId=self.queue_id, jobId=job_id)
        return answer


class Host(QuietHost):
    """Remembers what it was told and asked; answers as the test says."""

    def __init__(self, answer: bool | None = None) -> None:
        self.messages: list[str] = []
        self.questions: list[tuple[str, bool]] = []
        self.answer = answer

    def show(self, message: str) -> None:
        self.messages.append(message)

    def confirm(self, message: str, default: bool) -> bool | None:
        self.questions.append((message, default))
        return self.answer


def write_bundle(folder: Path, template: Mapping[str, Any], **files: Mapping[str, Any]) -> Path:
    """Write a job bundle: its template, and other files such as ``asset_references={...}``."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"specificationVersion": "jobtemplate-2023-09", "name": "A job", **template}
    (folder / "template.json").write_text(json.dumps(document), encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def python_step(code: str, *arguments: str, name: str = "Run", **members: Any) -> dict[str, Any]:
    """A step of which each task runs a piece of Python."""
    action = {"command": sys.executable, "args": ["-c", code, *arguments]}
    return {"name": name, "script": {"actions": {"onRun": action}}, **members}
