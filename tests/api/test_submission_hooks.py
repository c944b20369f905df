"""Hooks around a submission: who lets them run, what they change, and what the job then has."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deadline.client import api
from deadline.client.api.submission.plan import plan_submission
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.submit import submit_job_bundle
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError, UserInitiatedCancel

from .conftest import Farm, Host, python_step, write_bundle

STEPS = [python_step("pass")]
WORDS = [{"name": name, "type": "STRING", "default": name.lower()} for name in ("Word", "Other")]
SUSPENDED: dict[str, Any] = {"target_task_run_status": "SUSPENDED"}


@pytest.fixture(autouse=True)
def _allowed(request: pytest.FixtureRequest) -> None:
    """The settings allow hooks of bundles."""
    if "farm" in request.fixturenames:
        request.getfixturevalue("farm")
        set_setting("settings.allow_bundle_hooks", "true")


def hook(code: str, *arguments: str, **members: Any) -> dict[str, Any]:
    """A hook that runs a piece of Python in the bundle's folder."""
    start = "import json, os, sys; os.chdir(os.environ['DEADLINE_JOB_BUNDLE_DIR']); "
    return {"command": sys.executable, "args": ["-S", "-c", start + code, *arguments], **members}


def answering(**answer: Any) -> dict[str, Any]:
    return hook("sys.stdout.write(sys.argv[1])", json.dumps(answer))


def bundle_with(folder: Path, *before: Any, after: Any = (), template: Any = None, **files: Any) -> Path:
    """A bundle with hooks before and after its submission."""
    hooks = {"preSubmission": list(before), "postSubmission": list(after)}
    return write_bundle(folder, {"steps": STEPS, **(template or {})}, hooks=hooks, **files)


def submitted(farm: Farm, bundle: Path, host: Host | None = None, **members: Any) -> dict[str, Any]:
    """The job that comes of a bundle when the user says yes."""
    request = SubmissionRequest(str(bundle), **{**SUSPENDED, **members})
    return farm.job(submit_job_bundle(request, host or Host(answer=True)).job_id)


def jobs_of(farm: Farm) -> int:
    return len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"])


LEAVE_A_MARK = "open('mark', 'w').close()"


def test_hooks_that_no_setting_allows_do_not_run(farm: Farm, tmp_path: Path) -> None:
    set_setting("settings.allow_bundle_hooks", "false")
    bundle = bundle_with(tmp_path / "bundle", hook(LEAVE_A_MARK), after=[hook(LEAVE_A_MARK)])
    host = Host(answer=True)

    submitted(farm, bundle, host)

    assert not (bundle / "mark").exists()
    assert host.questions == []
    assert any("settings.allow_bundle_hooks true" in message for message in host.messages)


def test_hooks_run_only_when_somebody_says_yes(farm: Farm, tmp_path: Path) -> None:
    bundle = bundle_with(tmp_path / "bundle", hook(LEAVE_A_MARK), after=[hook(LEAVE_A_MARK)])
    before = jobs_of(farm)

    nobody, no = Host(), Host(answer=False)
    with pytest.raises(DeadlineOperationCanceled, match="nobody to ask"):
        submit_job_bundle(SubmissionRequest(str(bundle)), nobody)
    assert sys.executable in nobody.messages[-1]
    with pytest.raises(UserInitiatedCancel):
        submit_job_bundle(SubmissionRequest(str(bundle)), no)
    ((question, default),) = no.questions
    assert sys.executable in question
    assert "Before the job is created" in question
    assert "After the job is created" in question
    assert default is True
    assert not (bundle / "mark").exists()
    assert jobs_of(farm) == before

    set_setting("settings.auto_accept", "true")
    accepted = Host(answer=False)
    submitted(farm, bundle, accepted)
    assert accepted.questions == []
    assert (bundle / "mark").exists()


def test_planning_runs_no_hook(farm: Farm, tmp_path: Path) -> None:
    bundle = bundle_with(tmp_path / "bundle", hook(LEAVE_A_MARK))
    plan = plan_submission(SubmissionRequest(str(bundle)))
    assert [source.label for source in plan.hook_sources] == ["job bundle"]
    assert not (bundle / "mark").exists()


def test_hooks_of_the_studio_run_first(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = tmp_path / "studio"
    studio.mkdir()
    content = {"preSubmission": [answering(priority=3, parameters={"Word": "studio", "Other": "studio"})]}
    (studio / "hooks.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setenv("DEADLINE_HOOKS_DIR", str(studio))
    set_setting("settings.allow_environment_hooks", "true")
    seen = (
        "print(json.dumps({'parameters': {'Word': json.load(sys.stdin)['submissionPayload']['parameters']['Word']*2}}))"
    )
    bundle = bundle_with(tmp_path / "bundle", hook(seen), template={"parameterDefinitions": WORDS})

    job = submitted(farm, bundle)

    assert job["priority"] == 3
    assert job["parameters"] == {"Word": {"string": "studiostudio"}, "Other": {"string": "studio"}}


def test_the_caller_goes_before_hooks_and_hooks_before_the_bundle(farm: Farm, tmp_path: Path) -> None:
    values = {"parameterValues": [{"name": name, "value": "bundle"} for name in ("Word", "Other")]}
    values["parameterValues"].append({"name": "deadline:priority", "value": "7"})
    bundle = bundle_with(
        tmp_path / "bundle",
        answering(priority=11, parameters={"Word": "hook", "Other": "hook", "deadline:maxRetriesPerTask": 3}),
        template={"parameterDefinitions": WORDS},
        parameter_values=values,
    )
    given = [{"name": "Word", "value": "caller"}]

    job = submitted(farm, bundle, job_parameters=given)
    assert (job["priority"], job["maxRetriesPerTask"]) == (11, 3)
    assert job["parameters"] == {"Word": {"string": "caller"}, "Other": {"string": "hook"}}

    assert submitted(farm, bundle, priority=99)["priority"] == 99
    assert submitted(farm, bundle, job_parameters=[{"name": "deadline:priority", "value": 98}])["priority"] == 98


def test_a_template_that_a_hook_answers_replaces_the_bundles(farm: Farm, tmp_path: Path) -> None:
    template = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "By the hook",
        "parameterDefinitions": [{"name": "Fresh", "type": "INT", "default": 1}],
        "steps": STEPS,
    }
    bundle = bundle_with(tmp_path / "bundle", answering(template=yaml.safe_dump(template), parameters={"Fresh": 5}))

    job = submitted(farm, bundle)
    assert (job["name"], job["parameters"]) == ("By the hook", {"Fresh": {"int": "5"}})
    assert submitted(farm, bundle, name="Mine")["name"] == "Mine"


def test_what_a_hook_changes_in_the_bundle_counts(farm: Farm, tmp_path: Path) -> None:
    code = (
        "import json; t = json.load(open('template.json')); os.remove('template.json'); "
        "t['name'] = 'Changed'; open('template.yaml', 'w').write(json.dumps(t)); "
        "v = {'parameterValues': [{'name': 'Word', 'value': 'changed'}]}; "
        "open('parameter_values.json', 'w').write(json.dumps(v))"
    )
    bundle = bundle_with(tmp_path / "bundle", hook(code), template={"parameterDefinitions": WORDS})

    job = submitted(farm, bundle, name="Mine")

    assert job["name"] == "Mine"
    assert job["parameters"]["Word"] == {"string": "changed"}
    assert "Changed" in (bundle / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"parameters": {"Wrod": "x"}}, "hook gave the parameter 'Wrod'.*Word"),
        ({"parameters": {"Scene": "scene.ma"}}, r"relative path 'scene\.ma'"),
        ({"priority": -1}, "priority is -1"),
        ({"template": "{"}, "template that a pre-submission hook answered is not valid YAML"),
        ({"template": '{"name": "x"}'}, "hook answered has the specificationVersion None"),
        ({"template": 7}, "template that is not the text"),
    ],
)
def test_an_answer_that_cannot_be_used_ends_the_submission(
    farm: Farm, tmp_path: Path, answer: dict[str, Any], message: str
) -> None:
    scene = {"name": "Scene", "type": "PATH", "default": ""}
    template = {"parameterDefinitions": [*WORDS, scene]}
    bundle = bundle_with(tmp_path / "bundle", answering(**answer), template=template)
    with pytest.raises(DeadlineOperationError, match=message):
        submit_job_bundle(SubmissionRequest(str(bundle)), Host(answer=True))


def test_a_hook_that_fails_ends_the_submission(farm: Farm, tmp_path: Path) -> None:
    bundle = bundle_with(tmp_path / "bundle", hook("print('no licence'); sys.exit(2)"), after=[hook(LEAVE_A_MARK)])
    before, host = jobs_of(farm), Host(answer=True)
    with pytest.raises(DeadlineOperationError, match="exit code 2"):
        submit_job_bundle(SubmissionRequest(str(bundle)), host)
    assert "no licence" in host.messages[-1]
    assert jobs_of(farm) == before
    assert not (bundle / "mark").exists()


def test_files_that_hooks_add_travel_but_are_not_known(farm: Farm, tmp_path: Path) -> None:
    named, added = tmp_path / "named" / "scene.ma", tmp_path / "added" / "texture.tx"
    for file in (named, added):
        file.parent.mkdir()
        file.write_text(f"content of {file}", encoding="utf-8")
    scene = {"name": "Scene", "type": "PATH", "objectType": "FILE", "dataFlow": "IN", "default": ""}
    bundle = bundle_with(
        tmp_path / "bundle",
        answering(parameters={"Scene": str(named)}, attachments={"assetReferences": {"inputFilenames": [str(added)]}}),
        template={"parameterDefinitions": [scene]},
    )
    host = Host(answer=True)

    job = submitted(farm, bundle, host)

    (_, yes), (files, no) = host.questions
    assert (yes, no) == (True, False)
    known, unknown = files.split("Unknown paths:")
    assert str(named.parent) in known
    assert str(added.parent) in unknown.split("Summary")[0]
    assert str(named.parent) not in unknown
    assert job["attachments"]["manifests"][0]["rootPath"] == str(tmp_path)


def test_hooks_see_what_the_job_will_have(farm: Farm, tmp_path: Path) -> None:
    keep = "open('told', 'w').write(sys.stdin.read())"
    references = {"assetReferences": {"inputs": {"filenames": ["scene.ma"]}}}
    bundle = bundle_with(
        tmp_path / "bundle",
        hook(keep),
        template={"parameterDefinitions": WORDS},
        asset_references=references,
    )
    (bundle / "scene.ma").write_text("scene", encoding="utf-8")
    given = [{"name": "Word", "value": "x"}]

    submitted(farm, bundle, job_parameters=given, name="Shot", max_retries_per_task=2, submitter_name="Maya")

    told = json.loads((bundle / "told").read_text(encoding="utf-8"))
    assert (told["jobName"], told["priority"], told["submitterName"]) == ("Shot", 50, "Maya")
    assert (told["farmId"], told["queueId"]) == (farm.farm_id, farm.queue_id)
    assert told["parameters"] == {"Word": "x", "Other": None}
    assert told["assetReferences"] == references
    assert told["submissionPayload"] == {}
    resolved = told["resolved"]
    assert resolved["parameters"] == {"Word": "x", "Other": "other"}
    assert (resolved["maxRetriesPerTask"], resolved["maxFailedTasksCount"]) == (2, 20)
    assert resolved["assetReferences"]["inputFilenames"] == [str(bundle / "scene.ma")]


def test_hooks_after_the_submission_know_the_job_and_cannot_undo_it(
    farm: Farm, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep = "open('told', 'w').write(sys.stdin.read()); sys.stderr.write(os.environ['DEADLINE_JOB_ID'])"
    bundle = bundle_with(
        tmp_path / "bundle", answering(priority=8), after=[hook("sys.exit('cannot tell')"), hook(keep)]
    )
    host = Host(answer=True)

    job = submitted(farm, bundle, host)

    told = json.loads((bundle / "told").read_text(encoding="utf-8"))
    assert (told["jobId"], told["priority"]) == (job["jobId"], 8)
    assert told["submissionPayload"]["farmId"] == farm.farm_id
    assert told["submissionPayload"]["priority"] == 8
    assert f"  [post-submission hook 2] {job['jobId']}" in host.messages
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert any("exit code 1" in message for message in warnings)
