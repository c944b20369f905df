"""Submitting job bundles."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

NOWHERE = "0" * 32


def job_id_in(result: Any) -> str:
    assert result.code == 0, result.err
    job_id: str = result.out.splitlines()[-1]
    assert job_id.startswith("job-")
    return job_id


def change(bundle: Path, **members: Any) -> None:
    template = bundle / "template.json"
    template.write_text(json.dumps({**json.loads(template.read_text(encoding="utf-8")), **members}), encoding="utf-8")


def parameters_of(job: dict[str, Any]) -> dict[str, str]:
    return {name: next(iter(value.values())) for name, value in job["parameters"].items()}


def test_the_last_line_is_the_job_which_becomes_the_default_job(farm: Any, deadline: Any, bundle: Path) -> None:
    result = deadline("bundle", "submit", str(bundle))

    job_id = job_id_in(result)
    job = farm.job(job_id)
    assert (job["name"], job["priority"], job["maxFailedTasksCount"]) == ("Nothing to do", 50, 20)
    assert deadline("config", "get", "defaults.job_id").out == f"{job_id}\n"
    assert result.out.splitlines()[0] == "Submitting to Queue: Local queue"
    assert f"Submitted job bundle:\n   {bundle}\n" in result.out


def test_a_job_that_was_sent_elsewhere_by_an_option_is_not_the_default_job(
    farm: Any, deadline: Any, bundle: Path
) -> None:
    deadline("config", "set", "defaults.job_id", "job-before")
    job_id_in(deadline("bundle", "submit", str(bundle), "--queue-id", farm.queue_id))
    assert deadline("config", "get", "defaults.job_id").out == "job-before\n"


def test_options_go_before_what_bundle_and_settings_say(farm: Any, deadline: Any, bundle: Path) -> None:
    arguments = ["--name", "Shot 7", "--priority", "77", "--max-failed-tasks-count", "3", "--max-retries-per-task", "2"]
    arguments += ["--max-worker-count", "4", "--target-task-run-status", "suspended"]

    job = farm.job(job_id_in(deadline("bundle", "submit", str(bundle), *arguments)))

    assert (job["name"], job["priority"]) == ("Shot 7", 77)
    assert (job["maxFailedTasksCount"], job["maxRetriesPerTask"], job["maxWorkerCount"]) == (3, 2, 4)
    assert job["taskRunStatus"] == "SUSPENDED"


@pytest.mark.parametrize("form", ["name", "object", "file", "bundle file"])
def test_parameters_are_given_in_any_of_the_forms(
    form: str, farm: Any, deadline: Any, bundle: Path, tmp_path: Path
) -> None:
    word = "a=b\nand \u00fc"
    file = tmp_path / "values.yaml"
    content = {"Word": word} if form == "file" else {"parameterValues": [{"name": "Word", "value": word}]}
    file.write_text(json.dumps(content), encoding="utf-8")
    argument = {"name": f"Word={word}", "object": json.dumps({"Word": word})}.get(form, f"file://{file}")

    job_id = job_id_in(deadline("bundle", "submit", str(bundle), "-p", "Word=before", "--parameter", argument))

    assert parameters_of(farm.job(job_id)) == {"Word": word}


@pytest.mark.parametrize("argument", ["Word", "1=x", "=x", '{"Word": ', "file://nowhere.json", "[1]"])
def test_a_parameter_without_a_form_is_a_usage_error(argument: str, farm: Any, deadline: Any, bundle: Path) -> None:
    result = deadline("bundle", "submit", str(bundle), "-p", argument)
    assert (result.code, result.out) == (2, "")
    assert argument.replace("file://", "") in result.err


def new_profile(farm: Any, queue_id: str, name: str, path: str) -> str:
    """A storage profile with one folder that is LOCAL, allowed to a queue."""
    profile = farm.client.create_storage_profile(
        farmId=farm.farm_id,
        displayName=name,
        osFamily="LINUX",
        fileSystemLocations=[{"name": "Work", "path": path, "type": "LOCAL"}],
    )
    storage_profile_id: str = profile["storageProfileId"]
    ids = {"farmId": farm.farm_id, "queueId": queue_id}
    farm.client.update_queue(
        **ids, allowedStorageProfileIdsToAdd=[storage_profile_id], requiredFileSystemLocationNamesToAdd=[]
    )
    return storage_profile_id


def test_unknown_paths_are_answered_with_the_storage_profiles_of_the_queue(
    farm: Any, deadline: Any, frames: Path, stranger: Path
) -> None:
    profile = new_profile(farm, farm.queue_id, "Workstations", str(stranger.parent))
    deadline("config", "clear", "settings.storage_profile_id")

    refused = deadline("bundle", "submit", str(frames))

    assert refused.code == 1
    assert "--storage-profile-id, settings.storage_profile_id" in refused.out
    assert "deadline config set settings.storage_profile_id" in refused.err
    assert f"\nStorage profiles of queue {farm.queue_id}:\n" in refused.err
    assert f"  {profile}  Workstations" in refused.err
    chosen = deadline("bundle", "submit", str(frames), "--storage-profile-id", profile, "--dry-run", "--output", "json")
    assert chosen.json["attachments"]["unknownInputs"] == []


def test_a_storage_profile_that_is_none_is_answered_with_the_nearest_one(
    farm: Any, deadline: Any, bundle: Path, tmp_path: Path
) -> None:
    new_profile(farm, farm.queue_id, "Others", str(tmp_path))
    profile = new_profile(farm, farm.queue_id, "Render farm", str(tmp_path))
    almost = profile[:-1] + ("0" if profile[-1] != "0" else "1")

    for wrong, heading in ((almost, "Storage profiles of queue"), ("sp-1", "'sp-1' is no id of a storage profile")):
        result = deadline("bundle", "submit", str(bundle), "--storage-profile-id", wrong)
        assert (result.code, result.out) == (1, "")
        assert f"get storage profile {wrong}, which --storage-profile-id or the setting" in result.err
        assert heading in result.err
        assert f"  {profile}  Render farm" in result.err
        if wrong == almost:
            assert result.err.split(":\n  ")[-1].startswith(profile)


def test_an_unknown_parameter_is_answered_with_the_nearest_one(farm: Any, deadline: Any, bundle: Path) -> None:
    result = deadline("bundle", "submit", str(bundle), "-p", "Wrod=x")
    assert result.code == 1
    assert "no parameter 'Wrod'" in result.err
    assert "Word" in result.err.split("Did you mean")[1]


@pytest.mark.parametrize("fault", ["no folder", "no template", "no YAML", "no steps", "two templates"])
def test_a_bundle_that_is_not_well_formed_is_explained(
    fault: str, farm: Any, deadline: Any, bundle: Path, tmp_path: Path
) -> None:
    before = farm.job_ids()
    reason = "list should have at least 1 item"
    if fault == "no folder":
        bundle, reason = tmp_path / "bundel", f"there is no such folder. Did you mean {bundle}?"
    elif fault == "no template":
        (bundle / "template.json").unlink()
        reason = "neither template.yaml nor template.json"
    elif fault == "no YAML":
        (bundle / "template.json").rename(bundle / "template.yaml")
        (bundle / "template.yaml").write_text("specificationVersion: [\n", encoding="utf-8")
        reason = "is not valid yaml"
    elif fault == "no steps":
        change(bundle, steps=[])
    else:
        (bundle / "template.yaml").write_text("{}", encoding="utf-8")
        reason = "both template.json and template.yaml"

    result = deadline("bundle", "submit", str(bundle))

    assert result.code == 1
    assert str(bundle) in result.err
    assert reason.lower() in result.err.lower()
    assert "Traceback" not in result.err
    assert "unexpected" not in result.err
    assert farm.job_ids() == before


def test_a_job_that_the_service_cannot_create_is_an_error_with_its_reason(
    farm: Any, deadline: Any, bundle: Path
) -> None:
    change(bundle, steps=json.loads((bundle / "template.json").read_text(encoding="utf-8"))["steps"] * 2)
    result = deadline("bundle", "submit", str(bundle))
    assert result.code == 1
    assert "Traceback" not in result.err
    assert "unexpected" not in result.err
    assert "step" in result.err.lower()


def test_without_farm_and_settings_it_is_said_how_to_name_one(
    deadline: Any, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-west-2")
    result = deadline("bundle", "submit", str(bundle))
    assert (result.code, result.out) == (2, "")
    assert "--farm-id" in result.err


def test_an_unknown_queue_is_answered_with_those_there_are(farm: Any, deadline: Any, bundle: Path) -> None:
    result = deadline("bundle", "submit", str(bundle), "--queue-id", f"queue-{NOWHERE}")
    assert result.code == 1
    assert f"{farm.queue_id}  Local queue" in result.err


def test_files_of_the_bundle_are_uploaded_unasked(farm: Any, deadline: Any, frames: Path) -> None:
    result = deadline("bundle", "submit", str(frames), "--target-task-run-status", "SUSPENDED")

    job = farm.job(job_id_in(result))
    (manifest,) = job["attachments"]["manifests"]
    assert (manifest["rootPath"], manifest["outputRelativeDirectories"]) == (str(frames), ["out"])
    lines = result.out.splitlines()
    assert lines.count("Hashing Attachments") == lines.count("Uploading Attachments") == 1
    assert "Local uploads: 1 file (18 B)" in result.out
    assert "\x1b" not in result.out


@pytest.fixture
def stranger(frames: Path, tmp_path: Path) -> Path:
    """A file that is neither the bundle's nor named by the user, though the bundle refers to it."""
    file = tmp_path / "elsewhere" / "private.txt"
    file.parent.mkdir()
    file.write_text("not for everyone", encoding="utf-8")
    references = {"assetReferences": {"inputs": {"filenames": [str(file)]}}}
    (frames / "asset_references.json").write_text(json.dumps(references), encoding="utf-8")
    return file


@pytest.mark.parametrize("options", [(), ("--yes",)], ids=["in a pipe", "with --yes"])
def test_files_from_unknown_folders_are_refused_where_nobody_is_asked(
    options: tuple[str, ...], farm: Any, deadline: Any, frames: Path, stranger: Path
) -> None:
    before = farm.job_ids()
    result = deadline("bundle", "submit", str(frames), *options)
    assert result.code == 1
    assert f"Unknown paths:\n     {stranger.parent}\n" in result.out
    assert "--known-asset-path" in result.err
    assert "Hashing" not in result.out
    assert farm.job_ids() == before


def test_a_known_folder_is_one_that_the_user_names(
    farm: Any, deadline: Any, frames: Path, stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stranger.parent.parent)
    arguments = ("--known-asset-path", stranger.parent.name, "--target-task-run-status", "SUSPENDED")
    job_id_in(deadline("bundle", "submit", str(frames), "--yes", *arguments))


def test_at_a_terminal_one_is_asked_about_unknown_folders_and_may_say_no(
    farm: Any, deadline: Any, frames: Path, stranger: Path
) -> None:
    before = farm.job_ids()
    by_default = deadline("bundle", "submit", str(frames), terminal=True, answers="\n")
    by_word = deadline("bundle", "submit", str(frames), terminal=True, answers="perhaps\nNo\n")

    for result in (by_default, by_word):
        assert result.code == 1
        assert "Do you wish to proceed? [y/N]" in result.out
        assert str(stranger.parent) in result.out
        assert "The job was not submitted." in result.err
    assert farm.job_ids() == before


def test_at_a_terminal_bars_show_how_far_it_is(farm: Any, deadline: Any, frames: Path) -> None:
    arguments = ("--target-task-run-status", "SUSPENDED")
    result = deadline("bundle", "submit", str(frames), *arguments, terminal=True, answers="y\n")

    job_id_in(result)
    bars = [line for line in result.out.replace("\r", "\n").splitlines() if "%" in line]
    assert [line.split()[0] for line in bars] == ["Hashing", "Uploading"]
    assert all("100%  18 B / 18 B of 1 file" in line and len(line) < 105 for line in bars)


def test_closing_the_terminal_at_the_question_submits_nothing(farm: Any, deadline: Any, frames: Path) -> None:
    before = farm.job_ids()
    result = deadline("bundle", "submit", str(frames), terminal=True, answers="")
    assert result.code == 1
    assert "was not answered" in result.err
    assert "Traceback" not in result.err
    assert farm.job_ids() == before


def test_missing_inputs_are_an_error_where_all_are_required(farm: Any, deadline: Any, frames: Path) -> None:
    (frames / "scene" / "model.txt").unlink()
    (frames / "scene").rmdir()
    result = deadline("bundle", "submit", str(frames), "--require-paths-exist")
    assert result.code == 1
    assert str(frames / "scene") in result.err
    assert "Traceback" not in result.err


def test_a_setting_that_another_program_has_stored_wrongly_is_told_and_passed_over(
    farm: Any, deadline: Any, bundle: Path, home: Path
) -> None:
    with (home / "settings").open("a", encoding="utf-8") as file:
        file.write("\n[settings]\nmax_retries_per_task = many\n")

    result = deadline("bundle", "submit", str(bundle))

    assert job_id_in(result) in farm.job_ids()
    assert "says 'many' for settings.max_retries_per_task" in result.err
    assert "deadline config clear settings.max_retries_per_task" in result.err


def test_a_job_is_submitted_also_where_the_settings_cannot_remember_it(
    farm: Any, deadline: Any, bundle: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "settings.lock").mkdir()
    result = deadline("bundle", "submit", str(bundle))
    assert job_id_in(result) in farm.job_ids()
    assert "name it with --job-id" in result.err


@pytest.mark.parametrize("name", ["snapshot", "snapshot.zip"])
def test_a_debug_snapshot_is_what_would_be_sent_and_no_job(
    name: str, farm: Any, deadline: Any, frames: Path, tmp_path: Path
) -> None:
    deadline("config", "set", "defaults.job_id", "job-before")
    before, target = farm.job_ids(), tmp_path / "new" / name

    result = deadline("bundle", "submit", str(frames), "--save-debug-snapshot", str(target), "-p", "Frames=1-8")

    assert result.code == 0, result.err
    assert result.out.splitlines()[-1].strip() == str(target)
    assert list(target.parent.iterdir()) == [target]
    if target.is_dir():
        arguments = json.loads((target / "create_job_args.json").read_text(encoding="utf-8"))
        assert arguments["parameters"]["Frames"] == {"string": "1-8"}
    else:
        with zipfile.ZipFile(target) as archive:
            assert "submit_job.sh" in archive.namelist()
    assert farm.job_ids() == before
    assert deadline("config", "get", "defaults.job_id").out == "job-before\n"


def test_a_dry_run_prints_what_would_be_done_and_does_nothing(
    farm: Any, deadline: Any, frames: Path, stranger: Path, tmp_path: Path
) -> None:
    before = farm.job_ids()

    result = deadline("bundle", "submit", str(frames), "--dry-run", "--priority", "7")

    assert result.code == 0, result.err
    said = yaml.safe_load(result.out)
    assert said["properties"]["priority"] == 7
    assert said["attachments"]["unknownInputs"] == [str(stranger.parent)]
    assert [question["about"] for question in said["questions"]] == ["files"]
    assert farm.job_ids() == before
    both = deadline("bundle", "submit", str(frames), "--dry-run", "--save-debug-snapshot", str(tmp_path / "x"))
    assert both.code == 2
    assert not (tmp_path / "x").exists()
    as_json = deadline("bundle", "submit", str(frames), "--dry-run", "--priority", "7", "--output", "json")
    assert as_json.json == {"dryRun": True, **said}
    assert farm.job_ids() == before


def test_as_json_a_submission_is_one_object_and_nobody_is_asked(
    farm: Any, deadline: Any, frames: Path, stranger: Path, tmp_path: Path
) -> None:
    before = farm.job_ids()
    arguments = ("bundle", "submit", str(frames), "--output", "json")

    refused = deadline(*arguments, terminal=True, answers="y\n")
    assert (refused.code, refused.out) == (1, "")
    assert str(stranger.parent) in refused.err
    snapshot = deadline(
        *arguments, "--known-asset-path", str(stranger.parent), "--yes", "--save-debug-snapshot", str(tmp_path / "s")
    )
    assert snapshot.json == {"debugSnapshot": str(tmp_path / "s")}
    assert farm.job_ids() == before

    done = deadline(*arguments, "--known-asset-path", str(stranger.parent), "--yes")
    assert done.code == 0, done.err
    assert list(done.json) == ["jobId", "farmId", "queueId", "message", "jobUrl"]
    assert farm.job_ids() - before == {done.json["jobId"]}
    assert (done.json["farmId"], done.json["queueId"]) == (farm.farm_id, farm.queue_id)
    assert "Submitting to Queue" in done.err
    assert deadline("config", "get", "defaults.job_id").out == f"{done.json['jobId']}\n"


def test_files_that_a_pattern_excludes_are_not_uploaded(farm: Any, deadline: Any, frames: Path) -> None:
    (frames / "scene" / "model.tmp").write_text("not for the farm", encoding="utf-8")
    result = deadline("bundle", "submit", str(frames), "--exclude", "**/*.tmp", "--target-task-run-status", "SUSPENDED")
    job_id_in(result)
    assert "Local uploads: 1 file (18 B)" in result.out


def test_hooks_run_where_the_settings_allow_them_and_somebody_says_yes(farm: Any, deadline: Any, bundle: Path) -> None:
    answer = json.dumps({"parameters": {"Word": "by the hook"}})
    code = f"import sys; sys.stderr.write('checked\\n'); print({answer!r})"
    hooks = {"preSubmission": [{"command": sys.executable, "args": ["-S", "-c", code]}]}
    (bundle / "hooks.json").write_text(json.dumps(hooks), encoding="utf-8")
    arguments = ("bundle", "submit", str(bundle), "--target-task-run-status", "SUSPENDED")

    off = deadline(*arguments)
    assert parameters_of(farm.job(job_id_in(off))) != {"Word": "by the hook"}
    assert "settings.allow_bundle_hooks" in off.out

    deadline("config", "set", "settings.allow_bundle_hooks", "true")
    pipe = deadline(*arguments)
    assert (pipe.code, "--yes" in pipe.err) == (1, True)
    assert sys.executable in pipe.out
    no = deadline(*arguments, terminal=True, answers="n\n")
    assert (no.code, "The job was not submitted." in no.err) == (1, True)
    yes = deadline(*arguments, terminal=True, answers="\n")
    assert parameters_of(farm.job(job_id_in(yes))) == {"Word": "by the hook"}
    assert "  [pre-submission hook 1] checked\n" in yes.out
    unasked = deadline(*arguments, "--yes")
    assert parameters_of(farm.job(job_id_in(unasked))) == {"Word": "by the hook"}


def test_an_archive_is_submitted_as_its_folder_would_be(farm: Any, deadline: Any, frames: Path, tmp_path: Path) -> None:
    archive = tmp_path / "Two frames.ojd"
    with zipfile.ZipFile(archive, "w") as file:
        for path in frames.rglob("*"):
            file.write(path, path.relative_to(frames))

    dry = yaml.safe_load(deadline("bundle", "submit", str(archive), "--dry-run").out)
    result = deadline("bundle", "submit", str(archive), "--yes", "--target-task-run-status", "SUSPENDED")

    assert (dry["jobName"], dry["attachments"]["inputFiles"]) == ("Two frames", 1)
    assert farm.job(job_id_in(result))["name"] == "Two frames"
    assert f"Submitted job bundle:\n   {archive}\n" in result.out
    broken = tmp_path / "broken.ojd"
    broken.write_text("no archive", encoding="utf-8")
    refused = deadline("bundle", "submit", str(broken))
    assert (refused.code, str(broken) in refused.err, "Traceback" in refused.err) == (1, True, False)
