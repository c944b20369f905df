"""Jobs that nobody has run, as clients see them."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from local_farm import process
from local_farm.cli import main
from local_farm.farm import LocalFarm
from local_farm.process import RunningFarm
from local_farm.settings import Settings
from local_farm.synthetic import SyntheticJobs, add_jobs

from .conftest import Queue

MIDNIGHT = datetime(2026, 1, 2, tzinfo=timezone.utc)


def all_jobs(queue: Queue) -> list[dict[str, Any]]:
    pages = queue.client.get_paginator("list_jobs").paginate(**queue.ids)
    return [job for page in pages for job in page["jobs"]]


def with_bucket(queue: Queue) -> str:
    """Give the queue the bucket of the farm's first one."""
    bucket: str = queue.s3.list_buckets()["Buckets"][0]["Name"]
    settings = {"s3BucketName": bucket, "rootPrefix": queue.queue_id}
    queue.client.update_queue(**queue.ids, jobAttachmentSettings=settings)
    return bucket


def test_jobs_end_in_their_shares_and_at_their_times(queue: Queue) -> None:
    shape = SyntheticJobs(
        jobs=50,
        tasks_per_step=2,
        steps=2,
        finished_share=0.6,
        failed_share=0.3,
        ended_before=MIDNIGHT,
        spread=timedelta(hours=50),
    )

    job_ids = add_jobs(queue.farm, shape, queue_id=queue.queue_id)

    jobs = {job["jobId"]: job for job in all_jobs(queue)}
    assert set(job_ids) == set(jobs)
    statuses = [job["taskRunStatus"] for job in jobs.values()]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        "SUCCEEDED": 30,
        "FAILED": 15,
        "RUNNING": 5,
    }
    ended = [jobs[job_id]["endedAt"] for job_id in job_ids if "endedAt" in jobs[job_id]]
    assert ended == sorted(ended)
    assert MIDNIGHT - timedelta(hours=50) <= ended[0]
    assert ended[-1] <= MIDNIGHT
    assert all(job["createdAt"] < job["startedAt"] for job in jobs.values())


def test_a_synthetic_job_has_all_that_a_job_has_that_was_run(queue: Queue) -> None:
    shape = SyntheticJobs(jobs=1, tasks_per_step=3, steps=2, sessions_per_job=2)

    (job_id,) = add_jobs(queue.farm, shape, queue_id=queue.queue_id)

    ids = {**queue.ids, "jobId": job_id}
    assert queue.statuses(job_id) == {"Step 1": ["SUCCEEDED"] * 3, "Step 2": ["SUCCEEDED"] * 3}
    assert [step["dependencyCounts"]["dependenciesResolved"] for step in queue.steps(job_id).values()] == [0, 1]
    sessions = queue.client.list_sessions(**ids)["sessions"]
    assert [session["lifecycleStatus"] for session in sessions] == ["ENDED", "ENDED"]
    assert queue.client.get_session(**ids, sessionId=sessions[0]["sessionId"])["log"]["logDriver"] == "awslogs"
    worker = {"farmId": queue.farm_id, "fleetId": sessions[0]["fleetId"], "workerId": sessions[0]["workerId"]}
    assert queue.client.get_worker(**worker)["status"] in ("STOPPED", "IDLE")
    for session in sessions:
        actions = queue.client.list_session_actions(**ids, sessionId=session["sessionId"])["sessionActions"]
        assert [action["sessionActionId"].rpartition("-")[2] for action in actions] == ["0", "1", "2"]
        for action in actions:
            run = action["definition"]["taskRun"]
            task = queue.client.get_task(**ids, stepId=run["stepId"], taskId=run["taskId"])
            assert task["latestSessionActionId"] == action["sessionActionId"]
            assert task["parameters"] == run["parameters"]
            assert session["startedAt"] <= action["startedAt"] < action["endedAt"] <= session["endedAt"]


def test_outputs_are_in_the_bucket_and_named_by_the_session_actions(queue: Queue) -> None:
    bucket = with_bucket(queue)
    shape = SyntheticJobs(
        jobs=3, tasks_per_step=2, files_per_task=4, file_size=100, with_outputs=True, failed_share=0.0
    )

    job_id, *_ = add_jobs(queue.farm, shape, queue_id=queue.queue_id)

    ids = {**queue.ids, "jobId": job_id}
    (root,) = queue.job(job_id)["attachments"]["manifests"]
    assert root["rootPath"] == shape.root_path
    (session,) = queue.client.list_sessions(**ids)["sessions"]
    for action in queue.client.list_session_actions(**ids, sessionId=session["sessionId"])["sessionActions"]:
        (output,) = action["manifests"]
        key = f"{queue.queue_id}/Manifests/{output['outputManifestPath']}"
        stored = queue.s3.get_object(Bucket=bucket, Key=key)
        text = stored["Body"].read()
        assert stored["Metadata"] == {"asset-root": shape.root_path}
        assert hash_data(text, HashAlgorithm.XXH128) == output["outputManifestHash"]
        manifest = decode_manifest(text.decode())
        assert len(manifest.paths) == 4
        for path in manifest.paths:
            content = queue.s3.get_object(Bucket=bucket, Key=f"{queue.queue_id}/Data/{path.hash}.xxh128")["Body"].read()
            assert (len(content), hash_data(content, HashAlgorithm.XXH128)) == (path.size, path.hash)


def test_outputs_need_a_bucket_and_jobs_a_queue(queue: Queue) -> None:
    with pytest.raises(ValueError, match="no job attachment settings"):
        add_jobs(queue.farm, SyntheticJobs(jobs=1, with_outputs=True), queue_id=queue.queue_id)
    with pytest.raises(ValueError, match="no queue queue-1"):
        add_jobs(queue.farm, SyntheticJobs(jobs=1), queue_id="queue-1")

    assert all_jobs(queue) == []


@pytest.mark.parametrize(
    "members",
    [
        {"jobs": 0},
        {"jobs": 1, "tasks_per_step": 0},
        {"jobs": 1, "finished_share": 0.8, "failed_share": 0.3},
        {"jobs": 1, "ended_before": datetime(2026, 1, 1)},  # noqa: DTZ001 (that is what is refused)
    ],
)
def test_numbers_that_make_no_sense_are_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?i)jobs|shares|zone"):
        SyntheticJobs(**members)


def test_thousands_of_jobs_are_found_page_by_page(queue: Queue) -> None:
    add_jobs(queue.farm, SyntheticJobs(jobs=2000), queue_id=queue.queue_id)

    last = queue.client.search_jobs(
        farmId=queue.farm_id,
        queueIds=[queue.queue_id],
        itemOffset=1950,
        sortExpressions=[{"fieldSort": {"name": "CREATED_AT", "sortOrder": "ASCENDING"}}],
        filterExpressions={
            "operator": "AND",
            "filters": [{"stringFilter": {"name": "TASK_RUN_STATUS", "operator": "EQUAL", "value": "SUCCEEDED"}}],
        },
    )

    assert (last["totalResults"], len(last["jobs"])) == (2000, 50)
    assert [last["jobs"][place]["name"] for place in (0, -1)] == ["Synthetic 1951", "Synthetic 2000"]


def test_the_command_adds_jobs_to_a_farm_that_runs(tmp_path: Path) -> None:
    def synthesize(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["synthesize", "--data-dir", str(tmp_path), *arguments])

    assert "no farm" in synthesize("--jobs", "3").output
    with LocalFarm(Settings(tmp_path)) as farm:
        process.announce(tmp_path, RunningFarm(os.getpid(), farm.endpoint_url, 0, None))
        done = synthesize("--jobs", "3", "--with-outputs", "--finished-share", "0.7")
        assert done.exit_code == 0, done.output
        assert "Added 3 jobs" in done.output
        assert synthesize("--jobs", "3", "--failed-share", "0.5").exit_code == 1
        with farm.database.transaction() as db:
            docs = [json.loads(row["doc"]) for row in db.execute("SELECT doc FROM session_actions")]
    assert sum("manifests" in doc for doc in docs) > 8
