"""The checkpoint of incremental downloads."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict

import pytest

from deadline.job_attachments._incremental_downloads.incremental_download_state import (
    EVENTUAL_CONSISTENCY_MAX_SECONDS,
    IncrementalDownloadJob,
    IncrementalDownloadState,
    _datetimes_to_str,
)

STARTED = datetime(2025, 1, 1, tzinfo=timezone.utc)
COMPLETED = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=2)))


def document() -> Dict[str, Any]:
    return {
        "localStorageProfileId": "sp-1",
        "downloadsStartedTimestamp": "2025-01-01T00:00:00+00:00",
        "eventualConsistencyMaxSeconds": 60,
        "jobs": [
            {
                "job": {"jobId": "job-1", "name": "é", "endedAt": "2025-01-01T01:00:00+00:00", "attachments": None},
                "sessionEndedTimestamp": "2025-01-01T01:00:00+00:00",
                "sessionCompletedIndexes": {"session-1": 3},
                "sessionActionsToRetry": {"sessionaction-1-2": "failed"},
            },
            {"job": {"jobId": "job-2"}},
        ],
        "downloadsCompletedTimestamp": "2025-01-02T03:04:05.678901+02:00",
    }


def test_a_checkpoint_is_the_same_after_a_round_trip_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "checkpoint.json"
    state = IncrementalDownloadState.from_dict(document())

    state.save_file(str(path))
    loaded = IncrementalDownloadState.from_file(str(path))

    assert json.loads(path.read_text(encoding="utf-8")) == document() == loaded.to_dict()
    assert list(json.loads(path.read_text(encoding="utf-8"))) == list(document())
    assert (loaded.downloads_started_timestamp, loaded.downloads_completed_timestamp) == (STARTED, COMPLETED)
    assert [job.job_id for job in loaded.jobs] == ["job-1", "job-2"]
    assert (loaded.jobs[0].session_ended_timestamp, loaded.jobs[0].session_completed_indexes) == (
        STARTED + timedelta(hours=1),
        {"session-1": 3},
    )
    assert (loaded.jobs[1].session_ended_timestamp, loaded.jobs[1].session_completed_indexes) == (None, {})


def test_a_new_checkpoint_has_done_nothing_since_it_started() -> None:
    state = IncrementalDownloadState(None, STARTED)

    assert (state.downloads_completed_timestamp, state.jobs) == (STARTED, [])
    assert state.eventual_consistency_max_seconds == EVENTUAL_CONSISTENCY_MAX_SECONDS == 120
    assert state.to_dict()["localStorageProfileId"] is None
    assert IncrementalDownloadState.from_dict(
        {**document(), "eventualConsistencyMaxSeconds": 0}
    ).eventual_consistency_max_seconds == (120)


def test_times_of_the_services_answers_become_texts() -> None:
    answer = {"jobId": "job-1", "endedAt": STARTED, "tasks": [{"at": COMPLETED}], "counts": {"READY": 1}}

    texts = _datetimes_to_str(answer)

    assert texts == {
        "jobId": "job-1",
        "endedAt": "2025-01-01T00:00:00+00:00",
        "tasks": [{"at": "2025-01-02T03:04:05.678901+02:00"}],
        "counts": {"READY": 1},
    }
    assert answer["endedAt"] is STARTED
    assert IncrementalDownloadJob(answer, None, {}).to_dict() == {"job": texts}


@pytest.mark.parametrize("member", [name for name in document() if name != "jobs"] + ["jobs"])
def test_a_checkpoint_without_one_of_its_members_is_refused_by_name(member: str) -> None:
    data = document()
    del data[member]

    with pytest.raises(ValueError, match=member):
        IncrementalDownloadState.from_dict(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "list"),
        (None, "NoneType"),
        ({**document(), "jobs": {}}, "list"),
        ({**document(), "jobs": ["x"]}, "str"),
        ({**document(), "jobs": [{}]}, "job"),
        ({**document(), "jobs": [{"job": {}}]}, "jobId"),
        ({**document(), "jobs": [{"job": {"jobId": "1"}, "sessionCompletedIndexes": {"s": "x"}}]}, "numbers"),
        ({**document(), "jobs": [{"job": {"jobId": "1"}, "sessionEndedTimestamp": 5}]}, "sessionEndedTimestamp"),
        ({**document(), "jobs": [{"job": {"jobId": "1"}, "sessionActionsToRetry": {"a": 1}}]}, "texts"),
        ({**document(), "eventualConsistencyMaxSeconds": "soon"}, "eventualConsistencyMaxSeconds"),
        ({**document(), "eventualConsistencyMaxSeconds": -1}, "eventualConsistencyMaxSeconds"),
        ({**document(), "downloadsStartedTimestamp": "yesterday"}, "yesterday"),
        ({**document(), "downloadsCompletedTimestamp": None}, "downloadsCompletedTimestamp"),
    ],
)
def test_a_checkpoint_of_another_form_is_refused_with_the_reason(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IncrementalDownloadState.from_dict(data)


def test_a_file_that_is_no_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    for number, content in enumerate(["{", "[]", "{}"]):
        path = tmp_path / f"{number}.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=path.name):
            IncrementalDownloadState.from_file(str(path))
    with pytest.raises(FileNotFoundError):
        IncrementalDownloadState.from_file(str(tmp_path / "missing.json"))


def test_times_may_end_with_a_z_or_name_no_zone() -> None:
    for text in ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00"):
        state = IncrementalDownloadState.from_dict({**document(), "downloadsStartedTimestamp": text})
        assert state.downloads_started_timestamp == STARTED


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    state = IncrementalDownloadState.from_dict(document())
    state.save_file(str(path))
    before = path.read_bytes()
    state.jobs.append(IncrementalDownloadJob({"jobId": object()}))

    with pytest.raises(TypeError):
        state.save_file(str(path))

    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["checkpoint.json"]
