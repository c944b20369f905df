"""The command line in this process or in one of its own, pointed at a farm whose jobs really run."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping

import pytest

from deadline.client.auth.client_config import session_context
from deadline.client.auth.session import invalidate_boto3_session_cache

from .queued_jobs import QueuedJobs

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm


def console_script() -> Callable[[], None]:
    """What the program ``deadline`` calls, as the distribution declares it."""
    points = metadata.distribution("deadline-cli").entry_points
    (declared,) = [point for point in points if (point.group, point.name) == ("console_scripts", "deadline")]
    script: Callable[[], None] = declared.load()
    return script


main = console_script()

WRITE_A_FRAME = """\
import json, pathlib, sys
scene, out, frame = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
(out / "info").mkdir(parents=True, exist_ok=True)
(out / f"frame_{frame}.txt").write_text((scene / "model.txt").read_text() + frame)
(out / "info" / f"{frame}.json").write_text(json.dumps({"frame": frame}))
print("rendered frame", frame)
"""


class Stream(io.StringIO):
    """A standard stream that is a terminal or a pipe."""

    def __init__(self, text: str = "", *, terminal: bool) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def deadline_here(*arguments: str, answers: str = "", terminal: bool = False) -> Result:
    """Run ``deadline`` in this process; its streams are pipes, or a terminal at which ``answers`` is typed."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out, err = Stream(terminal=terminal), Stream(terminal=terminal)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["deadline", *arguments])
        patch.setattr(sys, "stdin", Stream(answers, terminal=terminal))
        # Tests have the width of one terminal, whoever's it is in which they run.
        patch.setenv("COLUMNS", "100")
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            root.handlers[:], root.level = handlers, level
            session_context["cli-command-name"] = None
    return Result(code or 0, out.getvalue(), err.getvalue())


def isolate(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Keep away everything of this machine's AWS configuration and settings."""
    for name in (
        *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"),
        *("AWS_ENDPOINT_URL_DEADLINE", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS"),
        *("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "DEADLINE_CLOUD_REGIONS", "DEADLINE_HOOKS_DIR"),
        *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
    ):
        patch.delenv(name, raising=False)
    for name, value in {
        "AWS_CONFIG_FILE": str(home / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "DEADLINE_CONFIG_FILE_PATH": str(home / "settings"),
        "HOME": str(home),
        "USERPROFILE": str(home),
    }.items():
        patch.setenv(name, value)


def point_at(farm: LocalFarm, patch: pytest.MonkeyPatch, home: Path) -> None:
    """Let this process's AWS clients and settings reach a farm."""
    environment = farm.environment()
    shutil.copyfile(environment["DEADLINE_CONFIG_FILE_PATH"], home / "settings")
    for name, value in {**environment, "DEADLINE_CONFIG_FILE_PATH": str(home / "settings")}.items():
        patch.setenv(name, value)


@pytest.fixture(autouse=True)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A home folder of the test's own; the settings file in it is ``settings``."""
    # Making AWS clients takes a while: tests that use the shared farm as it is share its clients too.
    shares_clients = "farm" in request.fixturenames and "fresh_clients" not in request.fixturenames
    folder = tmp_path_factory.mktemp("home")
    isolate(monkeypatch, folder)
    if not shares_clients:
        invalidate_boto3_session_cache()
    yield folder
    if not shares_clients:
        invalidate_boto3_session_cache()


@pytest.fixture
def fresh_clients() -> None:
    """For tests that change where AWS services are: they get clients of their own."""


@pytest.fixture
def deadline() -> Any:
    """``deadline(*arguments, answers="", terminal=False)`` runs a command in this process."""
    return deadline_here


@pytest.fixture(scope="session")
def running() -> Iterator[LocalFarm]:
    """A farm that runs jobs, shared by all tests of this folder."""
    from local_farm.testing import running_farm

    with running_farm(workers=2) as farm:
        yield farm


class Farm:
    """The farm's ids, and its jobs as the service knows them."""

    def __init__(self, running: LocalFarm) -> None:
        self.environment = running.environment()
        self.client = self._client("deadline")
        self.s3 = self._client("s3")
        self.farm_id: str = self.client.list_farms()["farms"][0]["farmId"]
        self.queue_id: str = self.client.list_queues(farmId=self.farm_id)["queues"][0]["queueId"]
        self.fleet_id: str = self.client.list_fleets(farmId=self.farm_id)["fleets"][0]["fleetId"]

    def _client(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=self.environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(inject_host_prefix=False),
        )

    def job(self, job_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_job(farmId=self.farm_id, queueId=self.queue_id, jobId=job_id)
        return answer

    def job_ids(self) -> set[str]:
        jobs = self.client.get_paginator("list_jobs").paginate(farmId=self.farm_id, queueId=self.queue_id)
        return {job["jobId"] for page in jobs for job in page["jobs"]}

    def objects(self, *prefix: str) -> tuple[str, dict[str, Any]]:
        """The bucket of the queue, and its objects below a prefix by their keys."""
        queue = self.client.get_queue(farmId=self.farm_id, queueId=self.queue_id)
        settings = queue["jobAttachmentSettings"]
        bucket: str = settings["s3BucketName"]
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix="/".join((settings["rootPrefix"], *prefix))
        )
        return bucket, {item["Key"]: item for page in pages for item in page.get("Contents", [])}

    def tasks(self, job_id: str) -> list[tuple[str, str]]:
        """The ids of the steps and tasks of a job."""
        ids = {"farmId": self.farm_id, "queueId": self.queue_id, "jobId": job_id}
        steps = [step["stepId"] for step in self.client.list_steps(**ids)["steps"]]
        return [
            (step, task["taskId"]) for step in steps for task in self.client.list_tasks(**ids, stepId=step)["tasks"]
        ]


@pytest.fixture(scope="session")
def known(running: LocalFarm) -> Farm:
    """The farm as the service knows it."""
    return Farm(running)


@pytest.fixture
def farm(running: LocalFarm, known: Farm, home: Path, monkeypatch: pytest.MonkeyPatch) -> Farm:
    """The farm, as the default of this process's commands; settings and caches are the test's own."""
    point_at(running, monkeypatch, home)
    return known


@pytest.fixture
def faults(running: LocalFarm, farm: Farm) -> Iterator[Any]:
    """What goes wrong in the farm during the test; see ``local_farm.faults``."""
    running.faults.clear()
    yield running.faults
    running.faults.clear()


@pytest.fixture(scope="session")
def without_workers(known: Farm) -> QueuedJobs:
    """A queue of which nobody runs the jobs."""
    return QueuedJobs(known)


@pytest.fixture
def queued(farm: Farm, without_workers: QueuedJobs, deadline: Any) -> QueuedJobs:
    """That queue, as the default of this process's commands."""
    deadline("config", "set", "defaults.queue_id", without_workers.queue_id)
    return without_workers


def write_bundle(folder: Path, template: Mapping[str, Any], **files: Mapping[str, Any]) -> Path:
    """Write a job bundle: its template, and other files such as ``asset_references={...}``."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"specificationVersion": "jobtemplate-2023-09", "name": "A job", **template}
    (folder / "template.json").write_text(json.dumps(document), encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def python_step(code: str, *arguments: str, **members: Any) -> dict[str, Any]:
    """A step of which each task runs a piece of Python."""
    action = {"command": sys.executable, "args": ["-c", code, *arguments]}
    return {"name": "Run", "script": {"actions": {"onRun": action}}, **members}


def frames_bundle(folder: Path) -> Path:
    """A job that reads a scene and writes two files for each of its frames."""
    frames = {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "{{Param.Frames}}"}]}
    (folder / "scene").mkdir(parents=True)
    (folder / "scene" / "model.txt").write_text("a teapot in frame ", encoding="utf-8")
    paths = ["{{Param.Scene}}", "{{Param.Out}}", "{{Task.Param.Frame}}"]
    return write_bundle(
        folder,
        {
            "name": "Two frames",
            "parameterDefinitions": [
                {"name": "Scene", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "IN", "default": "scene"},
                {"name": "Out", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "OUT", "default": "out"},
                {"name": "Frames", "type": "STRING", "default": "1-2"},
            ],
            "steps": [python_step(WRITE_A_FRAME, *paths, parameterSpace=frames)],
        },
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of a job that is over at once and has no files."""
    template = {
        "name": "Nothing to do",
        "parameterDefinitions": [{"name": "Word", "type": "STRING", "default": "hello"}],
        "steps": [python_step("print('{{Param.Word}}')")],
    }
    return write_bundle(tmp_path / "bundle", template)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A bundle of the job that reads a scene and writes frames."""
    return frames_bundle(tmp_path / "frames")


@dataclass(frozen=True)
class EndedJobs:
    """Jobs that have run, for all tests that only look."""

    frames: str
    frames_bundle: Path
    failed: str


@pytest.fixture
def ended(ended_jobs: EndedJobs) -> Iterator[EndedJobs]:
    """:func:`ended_jobs`; what a test downloads to where the job came from is gone after it."""
    yield ended_jobs
    shutil.rmtree(ended_jobs.frames_bundle / "out", ignore_errors=True)


@pytest.fixture(scope="session")
def ended_jobs(running: LocalFarm, tmp_path_factory: pytest.TempPathFactory) -> EndedJobs:
    """A job that wrote ``out/frame_1.txt``, ``out/info/1.json`` and the same for frame 2, and one that failed."""
    home = tmp_path_factory.mktemp("home")
    frames = frames_bundle(tmp_path_factory.mktemp("frames") / "bundle")
    step = python_step("import sys; print('it does not work'); sys.exit(3)")
    failing = write_bundle(tmp_path_factory.mktemp("failing"), {"name": "It fails", "steps": [step]})
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, home)
        point_at(running, patch, home)
        ids = [
            deadline_here("bundle", "submit", str(folder), "--yes", "--max-retries-per-task", "0").out.split()[-1]
            for folder in (frames, failing)
        ]
        codes = [deadline_here("job", "wait", "--job-id", id_, "--max-poll-interval", "1").code for id_ in ids]
    assert codes == [0, 2]
    return EndedJobs(ids[0], frames, ids[1])


@pytest.fixture
def process(home: Path) -> Iterator[Any]:
    """``process(*arguments)`` starts a command in a process of its own, which ends with the test at the latest."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "deadline", *arguments]
        pipe = subprocess.PIPE
        # Without this, lines would stay in the buffers of a process that writes into a pipe.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        one = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.communicate(timeout=30)
