"""A submission as plain values, before anything is done."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from deadline.client import api
from deadline.client.api.submission.description import describe_request
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.config import set_setting

from .conftest import Farm, python_step, write_bundle

STEPS = [python_step("pass")]


def test_a_description_says_what_would_travel_run_and_be_asked(farm: Farm, tmp_path: Path) -> None:
    bundle, elsewhere = tmp_path / "bundle", tmp_path / "elsewhere"
    for file in (bundle / "scene.ma", elsewhere / "texture.tx"):
        file.parent.mkdir()
        file.write_text("12345", encoding="utf-8")
    references = {
        "inputs": {"filenames": ["scene.ma", str(elsewhere / "texture.tx"), "gone.txt"]},
        "outputs": {"directories": ["out"]},
    }
    parameters = [{"name": "Take", "type": "INT", "default": 1}, {"name": "Word", "type": "STRING", "default": "w"}]
    write_bundle(
        bundle,
        {"name": "Shot", "steps": STEPS, "parameterDefinitions": parameters},
        asset_references={"assetReferences": references},
        hooks={
            "preSubmission": [{"command": sys.executable, "args": ["-c", "open('mark', 'w')"], "env": {"TOKEN": "s"}}]
        },
    )
    set_setting("settings.allow_bundle_hooks", "true")
    jobs = api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]
    request = SubmissionRequest(str(bundle), [{"name": "Take", "value": "7"}], priority=9)

    said = describe_request(request)

    assert json.loads(json.dumps(said)) == said
    assert (said["jobName"], said["jobBundleDir"], said["queueId"]) == ("Shot", str(bundle), farm.queue_id)
    assert said["properties"] == {"priority": 9, "maxFailedTasksCount": 20, "maxRetriesPerTask": 5}
    assert said["parameters"] == {"Take": "7", "Word": "w"}
    attachments = said["attachments"]
    assert (attachments["inputFiles"], attachments["inputBytes"]) == (2, 10)
    (root,) = attachments["assetRoots"]
    assert (root["rootPath"], root["inputFiles"]) == (str(tmp_path), 2)
    assert root["outputDirectories"] == [str(bundle / "out")]
    assert attachments["unknownInputs"] == [str(elsewhere)]
    assert attachments["knownInputs"] == [str(bundle)]
    assert said["missingInputs"] == [str(bundle / "gone.txt")]
    ((hook,),) = [source["preSubmission"] for source in said["hooks"]]
    assert hook["command"] == [sys.executable, "-c", "open('mark', 'w')"]
    assert hook["variables"] == ["TOKEN"]
    assert [(question["about"], question["default"]) for question in said["questions"]] == [
        ("hooks", True),
        ("files", False),
    ]
    assert said["refusals"] == []
    assert len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]) == len(jobs)
    assert not Path("mark").exists()

    set_setting("settings.auto_accept", "true")
    said = describe_request(SubmissionRequest(str(bundle), require_paths_exist=True))
    assert said["questions"] == []
    assert any("gone.txt" in refusal for refusal in said["refusals"])
    assert any("unknown paths" in refusal for refusal in said["refusals"])


def test_a_job_without_files_has_no_attachments(farm: Farm, tmp_path: Path) -> None:
    said = describe_request(SubmissionRequest(str(write_bundle(tmp_path / "bundle", {"steps": STEPS}))))
    assert said["attachments"] is None
    assert (said["hooks"], said["questions"], said["refusals"]) == ([], [], [])
