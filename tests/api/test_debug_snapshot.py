"""Snapshots of submissions, and the scripts in them as bash and as the command prompt of Windows read them."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from deadline.client.api.submission.attachments import hash_attachments, plan_attachments, snapshot_attachments
from deadline.client.api.submission.debug_snapshot import kebab_case, to_plain, write_debug_snapshot
from deadline.client.api.submission.plan import plan_submission
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.scripts import bash_script, batch_script
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.models import (
    FileSystemLocation,
    FileSystemLocationType,
    JobAttachmentS3Settings,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)

from .conftest import Farm, Host, python_step, write_bundle

ODD = "100% of \"R&D\" > 'x' ^caret^ (a\\b\\) $HOME `id` !x! %PATH%\\"
TEMPLATE = '{\n  "name": "100% \u00e9"\n}\n'
ARGUMENTS: dict[str, Any] = {
    "farmId": "farm-1",
    "template": TEMPLATE,
    "templateType": "JSON",
    "priority": 50,
    "maxWorkerCount": -1,
    "nameOverride": ODD,
    "parameters": {"Frames": {"string": "1-10"}, "Odd": {"string": ODD}},
}
QUEUE = {
    "queueId": "queue-1",
    "createdAt": datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc),
    "deep": [{"at": datetime.date(2024, 5, 6), "names": {"b", "a"}}],
    "ResponseMetadata": {"RequestId": "1"},
}
SETTINGS = JobAttachmentS3Settings("bucket", "root & prefix")
COMMANDS = [
    ["aws", "s3", "cp", "--recursive", "./Data", "s3://bucket/root & prefix/Data"],
    ["aws", "s3", "cp", "--recursive", "./Manifests", "s3://bucket/root & prefix/Manifests"],
    [
        *("aws", "deadline", "create-job", "--farm-id", "farm-1", "--template", "file://template_param.data"),
        *("--template-type", "JSON", "--priority", "50", "--max-worker-count=-1", "--name-override", ODD),
        *("--parameters", "file://parameters_param.json"),
    ],
]

# Any text without the characters that no command line has.
arguments = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=30)


def batch_commands(script: str) -> list[list[str]]:
    """The commands of a batch file: as the prompt reads a line, and the program then its own line."""
    assert script.endswith("\r\n")
    lines = script[:-2].split("\r\n")
    assert not any("\n" in line or "\r" in line for line in lines)
    return [words_of_program(prompt_reads(line)) for line in lines if not line.startswith("@")]


def prompt_reads(line: str) -> str:
    # First variables: %% is a percent sign, and a name between two of them its value, here none.
    line = re.sub(r"%%|%[^%]*%?", lambda found: "%" if found.group() == "%%" else "", line)
    read, quoted, position = "", False, 0
    while position < len(line):
        character = line[position]
        if character == '"':
            quoted = not quoted
        elif not quoted:
            if character == "^":
                position += 1
                read += line[position]
                position += 1
                continue
            if line.startswith("|| exit /b 1", position):
                return read
            assert character not in "<>&|()", f"the prompt takes {character} for its own in {line}"
        read += character
        position += 1
    raise AssertionError(f"nothing stops after a failure of {line}")


def words_of_program(line: str) -> list[str]:
    """The arguments in a command line by the rules of programs of Windows."""
    words: list[str] = []
    word: str | None = None
    quoted, position = False, 0
    while position < len(line):
        slashes = len(line[position:]) - len(line[position:].lstrip("\\"))
        position += slashes
        character = line[position : position + 1]
        if slashes:
            word = (word or "") + "\\" * (slashes // 2 if character == '"' else slashes)
            if character == '"' and slashes % 2:
                word += '"'
                position += 1
                continue
        if character == '"':
            word, quoted = word or "", not quoted
        elif character == " " and not quoted:
            words += [] if word is None else [word]
            word = None
        elif character:
            word = (word or "") + character
        position += 1
    return words + ([] if word is None else [word])


def run_with_fake_aws(script: Path, folder: Path, status: int = 0) -> tuple[list[list[str]], int]:
    """What the script calls ``aws`` with, and how it ends."""
    programs = folder / "programs"
    programs.mkdir()
    calls = folder / "calls"
    aws = programs / "aws"
    aws.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"open({str(calls)!r}, 'a').write(json.dumps(['aws', *sys.argv[1:]]) + '\\n')\n"
        "assert os.environ['AWS_CLI_FILE_ENCODING'] == 'UTF-8' and os.path.exists('submit_job.sh')\n"
        f"sys.exit({status})\n",
        encoding="utf-8",
    )
    aws.chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([str(script)], env=environment, cwd="/", capture_output=True, check=False, timeout=60)
    text = calls.read_text(encoding="utf-8") if calls.exists() else ""
    return [json.loads(line) for line in text.splitlines()], done.returncode


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    folder = tmp_path / "a new" / "snap shot"
    write_debug_snapshot(str(folder), queue=QUEUE, create_job_arguments=ARGUMENTS, s3_settings=SETTINGS, has_data=True)
    return folder


def test_a_snapshot_has_all_arguments_and_the_queue(snapshot: Path) -> None:
    assert sorted(path.name for path in snapshot.iterdir()) == [
        *("create_job_args.json", "parameters_param.json", "queue.json"),
        *("submit_job.bat", "submit_job.sh", "template_param.data"),
    ]
    assert json.loads((snapshot / "create_job_args.json").read_text(encoding="utf-8")) == ARGUMENTS
    assert json.loads((snapshot / "parameters_param.json").read_text(encoding="utf-8")) == ARGUMENTS["parameters"]
    assert (snapshot / "template_param.data").read_bytes() == TEMPLATE.encode("utf-8")
    assert json.loads((snapshot / "queue.json").read_text(encoding="utf-8")) == {
        "queueId": "queue-1",
        "createdAt": "2024-05-06T00:00:00+00:00",
        "deep": [{"at": "2024-05-06", "names": ["a", "b"]}],
    }


def test_the_storage_profile_is_in_it_where_there_is_one(tmp_path: Path) -> None:
    location = FileSystemLocation("Projects", "/mnt/p", FileSystemLocationType.LOCAL)
    profile = StorageProfile("sp-1", "Linux", StorageProfileOperatingSystemFamily.LINUX, [location])

    write_debug_snapshot(str(tmp_path), queue={}, create_job_arguments={"farmId": "f"}, storage_profile=profile)

    written = json.loads((tmp_path / "storage_profile.json").read_text(encoding="utf-8"))
    assert written["fileSystemLocations"] == [{"name": "Projects", "path": "/mnt/p", "type": "LOCAL"}]
    assert "s3" not in (tmp_path / "submit_job.sh").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeadlineOperationError, match=r"file/inside.*another folder"):
        write_debug_snapshot(str(tmp_path / "file" / "inside"), queue={}, create_job_arguments={})


@pytest.mark.skipif(os.name == "nt", reason="there is no bash on Windows")
def test_the_shell_script_calls_the_aws_cli_with_every_argument_as_it_is(snapshot: Path, tmp_path: Path) -> None:
    calls, status = run_with_fake_aws(snapshot / "submit_job.sh", tmp_path)
    assert calls == COMMANDS
    assert status == 0


@pytest.mark.skipif(os.name == "nt", reason="there is no bash on Windows")
def test_the_shell_script_creates_no_job_where_the_upload_fails(snapshot: Path, tmp_path: Path) -> None:
    calls, status = run_with_fake_aws(snapshot / "submit_job.sh", tmp_path, status=3)
    assert calls == COMMANDS[:1]
    assert status == 3


def test_the_batch_file_has_the_same_commands(snapshot: Path) -> None:
    script = (snapshot / "submit_job.bat").read_bytes().decode("utf-8")
    assert batch_commands(script) == COMMANDS
    assert 'cd /d "%~dp0"' in script


@pytest.mark.parametrize("value", ["two\nlines", "x" * 201, "file://secret", "tab\t"])
def test_text_that_no_command_line_carries_goes_to_a_file(value: str, tmp_path: Path) -> None:
    write_debug_snapshot(str(tmp_path), queue={}, create_job_arguments={"nameOverride": value})

    assert (tmp_path / "name-override_param.data").read_bytes() == value.encode("utf-8")
    (command,) = batch_commands((tmp_path / "submit_job.bat").read_bytes().decode("utf-8"))
    assert command[-2:] == ["--name-override", "file://name-override_param.data"]


@given(st.lists(arguments, min_size=1, max_size=4))
@example([ODD, "", "\\", '"', '\\"', "^", "%x%", "-a"])
def test_the_prompt_and_the_program_read_any_argument_as_it_was(words: list[str]) -> None:
    assert batch_commands(batch_script([["aws", *words]])) == [["aws", *words]]


@pytest.mark.skipif(os.name == "nt", reason="there is no bash on Windows")
def test_bash_reads_any_argument_as_it_was(tmp_path: Path) -> None:
    words = [ODD, "", "\\", "'", '"', "$(id)", "*", "~", "\u00e9 \U0001f600", "-a"]
    script = tmp_path / "script.sh"
    script.write_text(bash_script([[sys.executable, "-c", "import json,sys; print(json.dumps(sys.argv[1:]))", *words]]))
    done = subprocess.run(["bash", str(script)], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == words


def test_names_and_values_become_what_the_cli_and_json_have() -> None:
    assert kebab_case("maxFailedTasksCount") == "max-failed-tasks-count"
    assert kebab_case("farmId") == "farm-id"
    assert to_plain({1: (FileSystemLocationType.LOCAL, Path("/a"), None, True, 1.5)}) == {
        "1": ["LOCAL", str(Path("/a")), None, True, 1.5]
    }


def test_files_and_manifests_are_laid_out_as_in_the_bucket(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "scene.ma").write_bytes(b"scene")
    references = {"assetReferences": {"inputs": {"filenames": ["scene.ma"]}}}
    write_bundle(bundle, {"steps": [python_step("pass")]}, asset_references=references)
    plan = plan_submission(SubmissionRequest(str(bundle)))
    attachments = plan_attachments(plan)
    assert attachments is not None
    host = Host()
    folder = tmp_path / "snapshot"

    argument = snapshot_attachments(plan, attachments, hash_attachments(attachments, host), host, str(folder))

    (root,) = argument["manifests"]
    manifest = json.loads((folder / "Manifests" / root["inputManifestPath"]).read_text(encoding="utf-8"))
    (entry,) = manifest["paths"]
    assert (folder / "Data" / f"{entry['hash']}.xxh128").read_bytes() == b"scene"
    assert any("Snapshot Summary" in message for message in host.messages)
