"""A farm that is killed runs on, at the next start, what was running; and no two farms share a folder."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import boto3
import pytest
from botocore.config import Config

from local_farm.farm import FarmStartError, LocalFarm
from local_farm.settings import Settings

LIMIT = 60.0
TASKS = 6


class FarmProcess:
    """``local-farm start`` in a process that can be killed."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        command = [
            sys.executable,
            "-m",
            "local_farm",
            "start",
            "--port",
            "0",
            "--workers",
            "2",
            "--data-dir",
            str(data_dir),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def endpoint_url(self) -> str:
        """Where it answers, once it does."""
        running = self.data_dir / "running.json"

        def announced() -> bool:
            assert self.process.poll() is None, self.process.communicate()[0]
            return running.exists() and json.loads(running.read_text(encoding="utf-8"))["pid"] == self.process.pid

        wait_until(announced, "The start of the farm")
        url: str = json.loads(running.read_text(encoding="utf-8"))["endpoint_url"]
        return url

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    give_up_at = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < give_up_at, f"{what} did not happen within {LIMIT} s"
        time.sleep(0.02)


@contextlib.contextmanager
def deadline(endpoint_url: str) -> Iterator[Any]:
    client: Any = boto3.client(
        "deadline",
        endpoint_url=endpoint_url,
        region_name="us-west-2",
        aws_access_key_id="LOCALFARM",
        aws_secret_access_key="local-farm",
        config=Config(inject_host_prefix=False, proxies={}),
    )
    with contextlib.closing(client):
        yield client


def template(notes: Path) -> str:
    """A step of some tasks that each note when they begin and end, and a step that follows."""
    code = (
        "import pathlib, sys, time\n"
        f"note = pathlib.Path({str(notes)!r}, sys.argv[1])\n"
        "note.with_suffix('.begun').touch()\n"
        "time.sleep(0.15)\n"
        "note.with_suffix('.done').touch()"
    )

    def step(name: str, **members: Any) -> dict[str, Any]:
        action = {"command": sys.executable, "args": ["-c", code, name + members.pop("suffix", "")]}
        return {"name": name, "script": {"actions": {"onRun": action}}, **members}

    frames = {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": f"1-{TASKS}"}]}
    return json.dumps(
        {
            "specificationVersion": "jobtemplate-2023-09",
            "name": "Killed",
            "steps": [
                step("Render", suffix="{{Task.Param.Frame}}", parameterSpace=frames),
                step("Encode", dependencies=[{"dependsOn": "Render"}]),
            ],
        }
    )


def test_a_job_is_run_to_its_end_when_the_farm_is_killed_at_any_moment(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    data_dir = tmp_path / "farm"
    chance = random.Random()
    farm = FarmProcess(data_dir)
    try:
        with deadline(farm.endpoint_url()) as client:
            farm_id = client.list_farms()["farms"][0]["farmId"]
            ids = {"farmId": farm_id, "queueId": client.list_queues(farmId=farm_id)["queues"][0]["queueId"]}
            ids["jobId"] = client.create_job(**ids, template=template(notes), templateType="JSON", priority=50)["jobId"]
        # With 0 while the job is being created, or has just been.
        begun = chance.randint(0, TASKS)
        wait_until(lambda: len(list(notes.glob("*.begun"))) >= begun, f"The start of {begun} tasks")
        threading.Event().wait(chance.uniform(0, 0.1))
        farm.kill()
        farm = FarmProcess(data_dir)

        with deadline(farm.endpoint_url()) as client:
            wait_until(lambda: client.get_job(**ids).get("taskRunStatus") == "SUCCEEDED", "The end of the job")
            sessions = client.list_sessions(**ids)["sessions"]
            job = client.get_job(**ids)
            actions = [
                client.get_session_action(**ids, sessionActionId=action["sessionActionId"])
                for session in sessions
                for action in client.list_session_actions(**ids, sessionId=session["sessionId"])["sessionActions"]
            ]
    finally:
        farm.kill()

    done = {path.stem for path in notes.glob("*.done")}
    assert done == {"Encode", *(f"Render{frame}" for frame in range(1, TASKS + 1))}
    assert job["taskRunStatusCounts"]["SUCCEEDED"] == TASKS + 1
    assert [action for action in actions if action["status"] not in ("SUCCEEDED", "INTERRUPTED")] == []
    assert job["taskFailureRetryCount"] == 0
    assert [action["status"] for action in actions].count("SUCCEEDED") == TASKS + 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the environments of processes are not shown")
def test_processes_of_a_farm_that_was_killed_are_ended_at_the_next_start(tmp_path: Path) -> None:
    session_id = "session-" + os.urandom(16).hex()
    environment = {**os.environ, "DEADLINE_SESSION_ID": session_id}
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = subprocess.Popen(sleep, env=environment)
    other = subprocess.Popen(sleep, env={**os.environ, "DEADLINE_SESSION_ID": session_id + "0"})
    try:
        with LocalFarm(Settings(tmp_path)) as farm, farm.database.transaction() as db:
            db.execute(
                "INSERT INTO jobs VALUES ('job-1', 'f', 'q', 'n', 1, 'CREATE_COMPLETE', '', NULL, 1, 1, NULL, NULL, '{}')"
            )
            db.execute(
                "INSERT INTO sessions VALUES (?, 'f', 'q', 'job-1', 'fleet', 'worker', 'STARTED', 1.0, NULL, '{}')",
                (session_id,),
            )

        with LocalFarm(Settings(tmp_path)):
            assert left.wait(LIMIT) == -signal.SIGKILL
            assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_of_two_farms_that_start_at_once_in_a_folder_one_is_refused(tmp_path: Path) -> None:
    farms = [FarmProcess(tmp_path) for _ in range(2)]
    try:
        wait_until(lambda: any(farm.process.poll() is not None for farm in farms), "The end of one of the farms")
        refused, running = sorted(farms, key=lambda farm: farm.process.poll() is None)
        output = refused.process.communicate(timeout=LIMIT)[0]

        assert refused.process.returncode == 1
        assert f"runs in {tmp_path}" in output or f"is running in {tmp_path}" in output
        assert "local-farm stop" in output
        assert "Traceback" not in output
        with deadline(running.endpoint_url()) as client:
            assert len(client.list_farms()["farms"]) == 1
    finally:
        for farm in farms:
            farm.kill()


def test_a_folder_is_free_again_when_its_farm_has_stopped(tmp_path: Path) -> None:
    with LocalFarm(Settings(tmp_path)), pytest.raises(FarmStartError, match=rf"process {os.getpid()}.*--data-dir"):
        LocalFarm(Settings(tmp_path)).start()

    with LocalFarm(Settings(tmp_path)):
        pass
