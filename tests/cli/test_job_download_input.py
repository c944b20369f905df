"""``deadline job download-input``: in the protocol of programs, and on a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def download(farm: Any, deadline: Any, ended: Any) -> Any:
    """Download what the job that wrote frames was submitted with."""

    def run(*arguments: str, job: str = ended.frames, **streams: Any) -> Any:
        return deadline("job", "download-input", "--job-id", job, *arguments, **streams)

    return run


def confirm(folder: Path) -> str:
    return json.dumps({"messageType": "pathconfirm", "value": [str(folder)]}) + "\n"


def test_a_program_gets_the_inputs_where_it_wants_them(download: Any, ended: Any, tmp_path: Path) -> None:
    result = download(answers=confirm(tmp_path / "here"))

    assert (result.code, result.err) == (0, "")
    title, presummary, path, *progress, summary = result.records
    root = str(ended.frames_bundle)
    assert title == {"messageType": "title", "value": "Two frames"}
    assert presummary == {"messageType": "presummary", "value": {root: ["scene/model.txt"]}}
    assert path == {"messageType": "path", "value": [root]}
    assert {record["messageType"] for record in progress} == {"progress"}
    file = tmp_path / "here" / "scene" / "model.txt"
    assert (summary["fileCount"], summary["files"]) == (1, [str(file)])
    assert file.read_text(encoding="utf-8") == "a teapot in frame "


def test_a_person_sees_a_bar_and_keeps_what_exists(download: Any, ended: Any) -> None:
    result = download("--conflict-resolution", "SKIP", terminal=True, answers="y\n")
    assert result.code == 0
    assert "Downloading the input of job 'Two frames'" in result.out
    assert "Downloading Inputs  " in result.out
    assert "Skipped 1 file" in result.out


def test_a_job_without_inputs_is_a_summary(download: Any, ended: Any) -> None:
    result = download(job=ended.failed)
    assert result.code == 0
    title, summary = result.records
    assert (title["value"], summary["messageType"], summary["fileCount"]) == ("It fails", "summary", 0)


@pytest.mark.parametrize("by", ["JOB", "local"])
def test_patterns_that_match_nothing_are_a_summary(download: Any, by: str) -> None:
    result = download("--include", "*.exr", "--match-paths-by", by)
    assert result.code == 0
    assert [record["messageType"] for record in result.records] == ["title", "summary"]


def test_an_unknown_job_is_an_error_record(download: Any) -> None:
    result = download(job=f"job-{'0' * 32}")
    assert (result.code, result.err) == (1, "")
    assert [record["messageType"] for record in result.records] == ["error"]
