"""Downloading what jobs wrote: the protocol of programs, and the dialogue with people."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

NOWHERE = "0" * 32
ALL = ["out/frame_1.txt", "out/frame_2.txt", "out/info/1.json", "out/info/2.json"]


def confirm(*folders: Any) -> str:
    return json.dumps({"messageType": "pathconfirm", "value": [str(folder) for folder in folders]}) + "\n"


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def download(farm: Any, deadline: Any, ended: Any) -> Any:
    """Download what the job that wrote frames wrote."""

    def run(*arguments: str, job: str = ended.frames, **streams: Any) -> Any:
        return deadline("job", "download-output", "--job-id", job, *arguments, **streams)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where tests download to, since the folder that the job was submitted with belongs to all of them."""
    return tmp_path / "here"


def test_a_program_is_told_what_is_downloaded_and_says_where_to(download: Any, ended: Any, folder: Path) -> None:
    result = download(answers=confirm(folder))

    assert (result.code, result.err) == (0, "")
    title, presummary, path, *progress, summary = result.records
    root = str(ended.frames_bundle)
    assert title == {"messageType": "title", "value": "Two frames"}
    assert presummary == {"messageType": "presummary", "value": {root: ALL}}
    assert path == {"messageType": "path", "value": [root]}
    assert {record["messageType"] for record in progress} == {"progress"}
    assert progress[-1]["value"] == "100"
    assert all(record["value"] == str(int(record["value"])) for record in progress)
    assert summary == {
        "messageType": "summary",
        "value": "Downloaded 4 files.",
        "fileCount": 4,
        "files": sorted(str(folder / name) for name in ALL),
    }
    assert files_below(folder) == ALL
    assert (folder / "out" / "frame_2.txt").read_text(encoding="utf-8") == "a teapot in frame 2"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ("", "input ended"),
        ("no JSON\n", "not JSON"),
        ('{"messageType": "title", "value": []}\n', "pathconfirm"),
        (confirm(), "as many folders as were offered: 1"),
        (confirm("/a", "/b"), "as many folders as were offered: 1"),
        (confirm("relative"), "'relative' is not an absolute path"),
    ],
)
def test_an_answer_that_is_not_of_the_protocol_is_an_error_record(
    answers: str, reason: str, download: Any, ended: Any
) -> None:
    result = download(answers=answers)
    assert (result.code, result.err) == (1, "")
    assert result.records[-1]["messageType"] == "error"
    assert reason in result.records[-1]["value"]
    assert not (ended.frames_bundle / "out").exists()


def test_a_dry_run_shows_what_would_be_downloaded_and_asks_and_writes_nothing(
    download: Any, ended: Any, folder: Path
) -> None:
    root = str(ended.frames_bundle)
    title, presummary, summary = download("--dry-run").records
    assert (title["messageType"], presummary["value"]) == ("title", {root: ALL})
    assert (summary["fileCount"], summary["files"], summary["dryRun"]) == (0, [], True)
    assert summary["planned"]["files"] == 4
    assert summary["planned"]["bytes"] > 0

    told = download("--dry-run", "--output", "verbose")
    assert told.code == 0
    assert "Would download 4 files" in told.out
    assert f"{root} (4 files)" in told.out
    assert "Nothing was downloaded" in told.out


def test_an_unknown_job_is_one_error_record(download: Any) -> None:
    result = download(job=f"job-{NOWHERE}")
    assert (result.code, result.err) == (1, "")
    (record,) = result.records
    assert record["messageType"] == "error"
    assert "does not exist" in record["value"]
    assert "\n" not in record["value"]


def test_a_job_without_outputs_is_a_summary_or_a_sentence(download: Any, ended: Any) -> None:
    as_json = download(job=ended.failed)
    assert as_json.code == 0
    title, summary = as_json.records
    assert title["value"] == "It fails"
    assert (summary["messageType"], summary["fileCount"], summary["files"]) == ("summary", 0, [])

    for_people = download("--output", "verbose", job=ended.failed)
    assert for_people.code == 0
    assert "no output files available" in for_people.out


@pytest.mark.parametrize(
    ("resolution", "files", "content"),
    [
        ("SKIP", ["out/frame_1.txt"], "mine"),
        ("overwrite", ["out/frame_1.txt"], "a teapot in frame 1"),
        ("CREATE_COPY", ["out/frame_1 (1).txt", "out/frame_1.txt"], "mine"),
    ],
)
@pytest.mark.parametrize("by", ["option", "setting"])
def test_a_file_that_exists_is_treated_as_the_option_or_the_setting_says(
    by: str, resolution: str, files: list[str], content: str, download: Any, deadline: Any, folder: Path
) -> None:
    existing = folder / "out" / "frame_1.txt"
    existing.parent.mkdir(parents=True)
    existing.write_text("mine", encoding="utf-8")
    options = ["--conflict-resolution", resolution] if by == "option" else []
    if by == "setting":
        deadline("config", "set", "settings.conflict_resolution", resolution.upper())

    result = download("-i", "frame_1.txt", *options, answers=confirm(folder))

    assert result.code == 0
    assert files_below(folder) == files
    assert existing.read_text(encoding="utf-8") == content
    assert result.records[-1]["fileCount"] == (0 if resolution == "SKIP" else 1)


def test_a_program_that_does_not_choose_keeps_what_exists(download: Any, folder: Path) -> None:
    existing = folder / "out" / "frame_1.txt"
    existing.parent.mkdir(parents=True)
    existing.write_text("mine", encoding="utf-8")
    assert download(answers=confirm(folder)).code == 0
    assert existing.read_text(encoding="utf-8") == "mine"
    assert files_below(folder) == sorted([*ALL, "out/frame_1 (1).txt"])


@pytest.mark.parametrize(
    ("patterns", "files"),
    [
        (["*.json"], ["out/info/1.json", "out/info/2.json"]),
        (["frame_1.*", "info/2.json"], ["out/frame_1.txt", "out/info/2.json"]),
        (["./out//info/"], ["out/info/1.json", "out/info/2.json"]),
        (["*.exr"], []),
    ],
)
def test_patterns_choose_files(patterns: list[str], files: list[str], download: Any, folder: Path) -> None:
    options = [word for pattern in patterns for word in ("--include", pattern)]
    result = download(*options, answers=confirm(folder))
    assert result.code == 0
    assert result.records[-1]["fileCount"] == len(files)
    assert files_below(folder) == files


def test_only_what_one_task_wrote_is_downloaded(farm: Any, download: Any, ended: Any, folder: Path) -> None:
    (step, task), *_ = farm.tasks(ended.frames)
    assert download("--step-id", step, answers=confirm(folder / "all")).code == 0
    assert download("--step-id", step, "--task-id", task, answers=confirm(folder / "one")).code == 0
    assert files_below(folder / "all") == ALL
    assert len(files_below(folder / "one")) == 2


def test_a_task_without_its_step_is_a_usage_error(download: Any) -> None:
    result = download("--task-id", f"task-{NOWHERE}-0")
    assert (result.code, result.out) == (2, "")
    assert "--step-id" in result.err


def test_an_unknown_step_is_an_error(download: Any) -> None:
    result = download("--step-id", f"step-{NOWHERE}", "--output", "verbose")
    assert result.code == 1
    assert f"step-{NOWHERE}" in result.err
    assert "Traceback" not in result.err


def test_a_person_may_change_folders_and_looks_at_a_bar(download: Any, ended: Any, folder: Path) -> None:
    result = download(terminal=True, answers=f"0\n{folder}\ny\n")

    assert result.code == 0
    assert f"  [0] {ended.frames_bundle} (4 files)" in result.out
    assert f"  [0] {folder} (4 files)" in result.out
    assert "Downloading Outputs  " in result.out
    assert "100%" in result.out
    assert f"\n  {folder} (4 files)\n" in result.out
    assert files_below(folder) == ALL


def test_a_person_may_say_no(download: Any, ended: Any) -> None:
    result = download(terminal=True, answers="n\n")
    assert result.code == 0
    assert result.out.endswith("Nothing was downloaded.\n")
    assert not (ended.frames_bundle / "out").exists()


@pytest.mark.parametrize(
    ("answer", "files", "content"),
    [
        ("1", ["out/frame_1.txt"], "mine"),
        ("2", ["out/frame_1.txt"], "a teapot in frame 1"),
        ("", ["out/frame_1 (1).txt", "out/frame_1.txt"], "mine"),
        ("N", ["out/frame_1.txt"], "mine"),
    ],
)
def test_a_person_is_asked_about_files_that_exist(
    answer: str, files: list[str], content: str, download: Any, folder: Path
) -> None:
    existing = folder / "out" / "frame_1.txt"
    existing.parent.mkdir(parents=True)
    existing.write_text("mine", encoding="utf-8")

    result = download("-i", "frame_1.txt", terminal=True, answers=f"0\n{folder}\ny\n{answer}\n")

    assert result.code == 0
    assert f"1 file of the same name exists already:\n  {existing}\n" in result.out
    assert files_below(folder) == files
    assert existing.read_text(encoding="utf-8") == content


def test_yes_downloads_where_the_job_came_from_and_keeps_what_exists(farm: Any, deadline: Any, frames: Path) -> None:
    deadline("bundle", "submit", str(frames), "-p", "Frames=1")
    assert deadline("job", "wait", "--max-poll-interval", "1", "--timeout", "120").code == 0
    (frames / "out").mkdir()
    (frames / "out" / "frame_1.txt").write_text("mine", encoding="utf-8")

    result = deadline("job", "download-output", "--yes")

    assert result.code == 0
    assert [record["messageType"] for record in result.records if record["messageType"] != "progress"] == [
        "title",
        "summary",
    ]
    assert files_below(frames / "out") == ["frame_1 (1).txt", "frame_1.txt", "info/1.json"]
    assert (frames / "out" / "frame_1.txt").read_text(encoding="utf-8") == "mine"


def test_in_a_pipe_a_question_is_an_error_that_names_the_option(download: Any, ended: Any) -> None:
    result = download("--output", "verbose")
    assert result.code == 2
    assert "--yes" in result.err
    assert not (ended.frames_bundle / "out").exists()


@pytest.fixture
def foreign(farm: Any, deadline: Any, ended: Any, bundle: Path) -> str:
    """A job that wrote, it is said, what the job that wrote frames wrote: below a folder of Windows, and once more."""
    attachments = {
        "manifests": [
            {"rootPath": r"C:\studio", "rootPathFormat": "windows", "outputRelativeDirectories": ["out"]},
            {"rootPath": "/studio", "rootPathFormat": "posix", "outputRelativeDirectories": ["out"]},
        ],
        "fileSystem": "COPIED",
    }
    job_id: str = farm.client.create_job(
        farmId=farm.farm_id,
        queueId=farm.queue_id,
        priority=50,
        templateType="JSON",
        template=(bundle / "template.json").read_text(encoding="utf-8"),
        attachments=attachments,
        targetTaskRunStatus="SUSPENDED",
    )["jobId"]
    bucket, manifests = farm.objects("Manifests", farm.farm_id, farm.queue_id, ended.frames)
    for key in manifests:
        for name, root in (("a", r"C:\studio"), ("b", "/studio")):
            new_key = key.replace(ended.frames, job_id).replace("/timestamp", f"/{name}-timestamp")
            parts = new_key.rsplit("/", 1)
            farm.s3.copy_object(
                Bucket=bucket,
                Key=f"{parts[0]}/{name}{parts[1]}",
                CopySource={"Bucket": bucket, "Key": key},
                Metadata={"asset-root": root},
                MetadataDirective="REPLACE",
            )
    return job_id


@pytest.mark.skipif(sys.platform == "win32", reason="here Windows is the other operating system")
def test_a_program_names_a_folder_for_one_of_another_operating_system(
    foreign: str, download: Any, folder: Path
) -> None:
    answers = confirm(folder / "c") + confirm(folder / "other", folder / "c")
    result = download(job=foreign, answers=answers)

    assert (result.code, result.err) == (0, "")
    _, warning, asked, presummary, path, *_, summary = result.records
    assert (warning["messageType"], "without a storage profile" in warning["value"]) == ("warning", True)
    assert asked == {"messageType": "path", "value": [r"C:\studio"]}
    assert presummary["value"] == {"/studio": ALL, str(folder / "c"): ALL}
    assert path["value"] == ["/studio", str(folder / "c")]
    assert summary["fileCount"] == 8
    assert files_below(folder / "c") == files_below(folder / "other") == ALL


@pytest.mark.skipif(sys.platform == "win32", reason="here Windows is the other operating system")
def test_a_person_is_asked_for_a_folder_even_with_yes(foreign: str, download: Any, folder: Path) -> None:
    result = download("--yes", "--include", str(folder / "*"), job=foreign, terminal=True, answers=f"{folder}\n")
    assert result.code == 0
    assert r"C:\studio" in result.out
    assert files_below(folder) == ALL

    nobody = download("--yes", "--output", "verbose", job=foreign)
    assert nobody.code == 2
    assert r"C:\studio" in nobody.out


@pytest.mark.skipif(sys.platform == "win32", reason="here Windows is the other operating system")
def test_folders_that_become_one_lose_no_file(foreign: str, download: Any, folder: Path) -> None:
    result = download(job=foreign, answers=confirm(folder) + confirm(folder, folder))
    assert result.code == 0
    assert result.records[-1]["fileCount"] == len(files_below(folder)) == 8
    assert set(ALL) < set(files_below(folder))


def test_a_queue_without_job_attachments_is_named(farm: Any, deadline: Any, bundle: Path) -> None:
    other = farm.client.create_queue(farmId=farm.farm_id, displayName="Bare queue")["queueId"]
    job = farm.client.create_job(
        farmId=farm.farm_id,
        queueId=other,
        priority=50,
        templateType="JSON",
        template=(bundle / "template.json").read_text(encoding="utf-8"),
    )["jobId"]
    result = deadline("job", "download-output", "--queue-id", other, "--job-id", job)
    assert result.code == 1
    (record,) = result.records
    assert "Queue Bare queue has no job attachments" in record["value"]
