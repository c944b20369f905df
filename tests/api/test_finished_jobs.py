"""Jobs that ran: waiting for them, their logs, their outputs."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any, Iterator

import pytest

from deadline.client import api
from deadline.client.api.job_estimate import estimated_time_remaining
from deadline.client.api.session_logs import choose_session
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError, DeadlineOperationTimedOut
from deadline.job_attachments.exceptions import AssetSyncCancelledError
from deadline.job_attachments.models import FileConflictResolution, PathFormat

from .conftest import Farm, python_step, write_bundle

WRITE = """
import pathlib, sys
folder, frame = pathlib.Path(sys.argv[1]), int(sys.argv[2])
(folder / "frames").mkdir(exist_ok=True)
(folder / "frames" / f"{frame:04d}.txt").write_text(f"frame {frame}")
(folder / "last.txt").write_text("the last frame")
print("frame", frame, "is done")
"""
WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def rendered() -> Iterator[dict[str, Any]]:
    """What the first test that needs a finished job leaves for the others."""
    return {}


@pytest.fixture
def job(farm: Farm, rendered: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A job of three tasks that wrote files, and the asset root they wrote to."""
    if not rendered:
        bundle = tmp_path_factory.mktemp("bundle")
        step = python_step(
            *(WRITE, "{{Param.Output}}", "{{Task.Param.Frame}}"),
            name="Render",
            parameterSpace={"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "1-3"}]},
        )
        output = {"name": "Output", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "OUT", "default": "out"}
        write_bundle(bundle, {"name": "Render", "parameterDefinitions": [output], "steps": [step]})
        job_id = api.create_job_from_job_bundle(str(bundle))
        result = api.wait_for_job_completion(**farm.ids, job_id=str(job_id), max_poll_interval=1, timeout=WAIT_SECONDS)
        assert (result.status, result.failed_tasks) == ("SUCCEEDED", [])
        rendered.update(job_id=job_id, root=str(bundle / "out"))
    return rendered


def files_below(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


RENDERED = {
    **{f"frames/{n:04d}.txt": f"frame {n}" for n in (1, 2, 3)},
    "last.txt": "the last frame",
}


def test_outputs_come_to_where_they_are_asked_for(farm: Farm, job: dict[str, Any], tmp_path: Path) -> None:
    plan = api.plan_output_download(**farm.ids, job_id=job["job_id"])
    assert plan.foreign_roots == []
    assert plan.total_files == 4
    assert plan.total_bytes == sum(map(len, RENDERED.values()))
    assert plan.existing_files() == []
    plan.set_root(job["root"], str(tmp_path / "elsewhere"))

    result = plan.download()

    assert result.processed_files == 4
    assert files_below(tmp_path / "elsewhere") == RENDERED


def test_a_plan_is_narrowed_to_a_step_a_task_and_patterns(farm: Farm, job: dict[str, Any]) -> None:
    ids = {**farm.ids, "job_id": job["job_id"]}
    names = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": job["job_id"]}
    (step,) = api.list_steps(**names)["steps"]
    tasks = api.list_tasks(**names, stepId=step["stepId"])["tasks"]
    second = next(task for task in tasks if task["parameters"]["Frame"] == {"int": "2"})

    assert api.plan_output_download(**ids, step_id=step["stepId"]).total_files == 4
    plan = api.plan_output_download(**ids, step_id=step["stepId"], task_id=second["taskId"])
    assert plan.paths_by_root == {job["root"]: ["frames/0002.txt", "last.txt"]}
    plan = api.plan_output_download(**ids, include=["*000[13].txt"])
    assert plan.paths_by_root == {job["root"]: ["frames/0001.txt", "frames/0003.txt"]}
    assert api.plan_output_download(**ids, include=["*.exr"]).total_files == 0
    with pytest.raises(DeadlineOperationError, match="name its step"):
        api.plan_output_download(**ids, task_id=second["taskId"])


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (FileConflictResolution.SKIP, {**RENDERED, "last.txt": "mine"}),
        (FileConflictResolution.OVERWRITE, RENDERED),
        (FileConflictResolution.CREATE_COPY, {**RENDERED, "last.txt": "mine", "last (1).txt": "the last frame"}),
    ],
)
def test_a_file_that_exists_is_kept_replaced_or_joined_by_a_copy(
    farm: Farm, job: dict[str, Any], tmp_path: Path, resolution: FileConflictResolution, expected: dict[str, str]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    mine = here / "last.txt"
    mine.write_text("mine", encoding="utf-8")
    plan = api.plan_output_download(**farm.ids, job_id=job["job_id"])
    plan.set_root(job["root"], str(here))
    assert plan.existing_files() == [str(mine)]

    plan.download(resolution)

    assert files_below(here) == expected


def test_a_download_that_is_stopped_leaves_no_half_files(farm: Farm, job: dict[str, Any], tmp_path: Path) -> None:
    plan = api.plan_output_download(**farm.ids, job_id=job["job_id"])
    plan.set_root(job["root"], str(tmp_path / "stopped"))
    with pytest.raises(AssetSyncCancelledError):
        plan.download(on_progress=lambda report: False)
    found = files_below(tmp_path / "stopped") if (tmp_path / "stopped").exists() else {}
    assert found.items() <= RENDERED.items()


def test_roots_of_another_system_need_a_folder_here(
    farm: Farm, job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "posix" if os.name == "nt" else "windows"
    monkeypatch.setattr(PathFormat, "get_host_path_format_string", staticmethod(lambda: other))
    plan = api.plan_output_download(**farm.ids, job_id=job["job_id"])
    assert plan.foreign_roots == [job["root"]]
    with pytest.raises(DeadlineOperationError, match="another operating system"):
        plan.download()
    plan.set_root(job["root"], str(tmp_path / "here"))
    assert plan.foreign_roots == []
    plan.download()
    assert files_below(tmp_path / "here") == RENDERED
    with pytest.raises(DeadlineOperationError, match="no asset root"):
        plan.set_root("/no/such/root", str(tmp_path))


def test_a_job_of_a_queue_without_attachments_has_no_outputs_to_fetch(farm: Farm, tmp_path: Path) -> None:
    set_setting("defaults.queue_id", farm.new_queue())
    set_setting("settings.storage_profile_id", "")
    farm = Farm()
    job_id = api.create_job_from_job_bundle(str(write_bundle(tmp_path / "b", {"steps": [python_step("pass")]})))
    with pytest.raises(DeadlineOperationError, match="no job attachments"):
        api.plan_output_download(**farm.ids, job_id=str(job_id))


def test_logs_are_the_last_lines_and_a_token_leads_to_the_ones_before(farm: Farm, job: dict[str, Any]) -> None:
    everything = api.get_session_logs(**farm.ids, job_id=job["job_id"], limit=1000)
    messages = [event.message for event in everything.events]
    assert everything.log_stream.startswith("session-")
    assert everything.log_group == f"/aws/deadline/{farm.farm_id}/{farm.queue_id}"
    assert any("is done" in message for message in messages)
    assert all(event.timestamp.tzinfo is datetime.timezone.utc for event in everything.events)

    last = api.get_session_logs(**farm.ids, session_id=everything.log_stream, limit=2)
    assert [event.message for event in last.events] == messages[-2:]
    before = api.get_session_logs(**farm.ids, session_id=everything.log_stream, limit=2, next_token=last.previous_token)
    assert [event.message for event in before.events] == messages[-4:-2]


def test_a_job_without_sessions_has_no_log_and_an_unknown_session_an_empty_one(farm: Farm, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", {"steps": [python_step("pass")]})
    job_id = api.create_job_from_job_bundle(str(bundle), target_task_run_status="SUSPENDED")
    with pytest.raises(DeadlineOperationError, match="no sessions yet"):
        api.get_session_logs(**farm.ids, job_id=str(job_id))
    with pytest.raises(DeadlineOperationError, match="Name a session or a job"):
        api.get_session_logs(**farm.ids)
    assert api.get_session_logs(**farm.ids, session_id="session-" + "0" * 32).events == []


def test_a_running_session_matters_more_than_an_ended_one() -> None:
    early, late = (datetime.datetime(2026, 1, day, tzinfo=datetime.timezone.utc) for day in (1, 2))
    ended = {"sessionId": "ended", "startedAt": late, "endedAt": late}
    assert choose_session([ended, {"sessionId": "running", "startedAt": early}])["sessionId"] == "running"
    assert choose_session([{**ended, "sessionId": "old", "endedAt": early}, ended])["sessionId"] == "ended"


def test_failed_tasks_are_named_with_their_parameters_and_session(farm: Farm, tmp_path: Path) -> None:
    step = python_step(
        *("import sys; sys.exit(int(sys.argv[1]) == 2)", "{{Task.Param.Frame}}"),
        name="Fail",
        parameterSpace={"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "1-2"}]},
    )
    bundle = write_bundle(tmp_path / "b", {"steps": [step]})
    job_id = api.create_job_from_job_bundle(str(bundle), max_retries_per_task=0)
    seen: list[str] = []

    result = api.wait_for_job_completion(
        **farm.ids,
        job_id=str(job_id),
        max_poll_interval=1,
        timeout=WAIT_SECONDS,
        status_callback=lambda status, elapsed, timeout: seen.append(status),
    )

    assert result.status == seen[-1] == "FAILED"
    (failed,) = result.failed_tasks
    assert (failed.step_name, failed.parameters) == ("Fail", {"Frame": {"int": "2"}})
    log = api.get_session_logs(**farm.ids, session_id=failed.session_id, limit=1000)
    assert log.count > 0


def test_waiting_ends_in_time_even_where_the_job_does_not(farm: Farm, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", {"steps": [python_step("pass")]})
    set_setting("defaults.queue_id", farm.new_queue())
    set_setting("settings.storage_profile_id", "")
    farm = Farm()
    job_id = api.create_job_from_job_bundle(str(bundle))
    with pytest.raises(DeadlineOperationTimedOut, match="its status is READY"):
        api.wait_for_job_completion(**farm.ids, job_id=str(job_id), timeout=1)


def test_waiting_for_a_job_that_does_not_exist_is_an_error_that_lists_jobs(farm: Farm, job: dict[str, Any]) -> None:
    with pytest.raises(DeadlineOperationError, match="Recent jobs") as caught:
        api.wait_for_job_completion(**farm.ids, job_id="job-" + "0" * 32)
    assert job["job_id"] in str(caught.value)


def test_the_rest_of_a_job_is_estimated_by_what_is_done() -> None:
    started = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    job = {"startedAt": started, "taskRunStatusCounts": {"SUCCEEDED": 10, "READY": 65, "RUNNING": 1}}
    assert estimated_time_remaining(job) == "1 hour, 6 minutes"
    assert estimated_time_remaining({**job, "taskRunStatusCounts": {"SUCCEEDED": 10, "READY": 1}}) == "1 minute"
    assert estimated_time_remaining({**job, "taskRunStatus": "FAILED"}) == "N/A"
    assert estimated_time_remaining({"taskRunStatusCounts": {"READY": 5}}) == "N/A"
    assert estimated_time_remaining(json.loads("{}")) == "N/A"
