"""Sample bundles, and for each the CreateJob request that it becomes, as reviewed.

A folder of ``golden`` is a sample: ``bundle`` and ``elsewhere`` are copied to a fresh folder, ``case.json`` says how the
bundle is submitted, and ``expected.json`` what the service gets. In these files ``<bundle>``, ``<farm>`` and so on stand for what
differs from run to run; ``<folder>`` is what ``<bundle>`` and ``<elsewhere>`` are in. After a change that is meant, write the expected files anew with ``UPDATE_GOLDEN=1`` and read
the difference.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.submit import submit_job_bundle
from deadline.client.auth.session import get_boto3_session
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_manifests.hash_algorithms import HashAlgorithm, hash_data

from .conftest import Farm, Host

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(path.parent.name for path in GOLDEN.glob("*/case.json"))
MODIFIED = 1_700_000_000
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the samples have paths of POSIX")


class Sample:
    """A sample, laid out in a folder of the test's own, with a queue of its own."""

    def __init__(self, name: str, farm: Farm, folder: Path) -> None:
        self.farm = farm
        self.source = GOLDEN / name
        self.case: dict[str, Any] = json.loads((self.source / "case.json").read_text(encoding="utf-8"))
        self.places = {"<bundle>": str(folder / "bundle"), "<elsewhere>": str(folder / "elsewhere")}
        self.given = {**self.places, "<python>": sys.executable}
        self.folder = folder
        for place in ("bundle", "elsewhere"):
            if (self.source / place).exists():
                self._lay_out(self.source / place, folder / place)
        self._make_queue()

    def _lay_out(self, source: Path, target: Path) -> None:
        shutil.copytree(source, target)
        for path in target.rglob("*"):
            if path.suffix in (".yaml", ".json"):
                path.write_text(self._filled(path.read_text(encoding="utf-8")), encoding="utf-8")
            # A manifest has the times of files in it.
            os.utime(path, (MODIFIED, MODIFIED))

    def _filled(self, text: str) -> str:
        for placeholder, value in self.given.items():
            text = text.replace(placeholder, value)
        return text

    def _make_queue(self) -> None:
        farm, ids = self.farm, {"farmId": self.farm.farm_id}
        members: dict[str, Any] = {}
        if self.case.get("job_attachments", True):
            members["jobAttachmentSettings"] = farm.client.get_queue(**ids, queueId=farm.queue_id)[
                "jobAttachmentSettings"
            ]
        self.storage_profile_id = ""
        if "storage_profile" in self.case:
            profile = json.loads(self._filled(json.dumps(self.case["storage_profile"])))
            self.storage_profile_id = farm.client.create_storage_profile(**ids, **profile)["storageProfileId"]
            members["allowedStorageProfileIds"] = [self.storage_profile_id]
        self.settings = members.get("jobAttachmentSettings", {})
        self.queue_id = farm.new_queue(**members)
        for priority, path in enumerate(sorted(self.source.glob("environment_*.yaml")), start=1):
            farm.client.create_queue_environment(
                **ids,
                queueId=self.queue_id,
                priority=priority,
                templateType="YAML",
                template=path.read_text(encoding="utf-8"),
            )
        for name, value in {
            "defaults.queue_id": self.queue_id,
            "settings.storage_profile_id": self.storage_profile_id,
            **self.case.get("settings", {}),
        }.items():
            set_setting(name, value)

    def submit(self, host: Host) -> dict[str, Any]:
        """Submit the bundle, and return the request that reached the service."""
        requests: list[dict[str, Any]] = []
        get_boto3_session().events.register(
            "provide-client-params.deadline.CreateJob",
            lambda params, **_: requests.append(copy.deepcopy(params)),
        )
        arguments: dict[str, Any] = json.loads(self._filled(json.dumps(self.case["request"])))
        submit_job_bundle(SubmissionRequest(self.places["<bundle>"], **arguments), host)
        (request,) = requests
        return request

    def manifests(self, request: dict[str, Any]) -> dict[str, Any]:
        """The files of each asset root, from the manifests that are in S3."""
        found = {}
        for root in request.get("attachments", {}).get("manifests", []):
            if "inputManifestPath" not in root:
                continue
            key = f"{self.settings['rootPrefix']}/Manifests/{root['inputManifestPath']}"
            body = boto3.client("s3").get_object(Bucket=self.settings["s3BucketName"], Key=key)["Body"].read()
            assert hash_data(body, HashAlgorithm.XXH128) == root["inputManifestHash"]
            entries = decode_manifest(body.decode("utf-8")).paths
            assert {entry.mtime for entry in entries} == {MODIFIED * 1_000_000}
            found[root["rootPath"]] = {entry.path: [entry.size, entry.hash] for entry in entries}
        return found

    def written(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request and its manifests, with placeholders for what differs from run to run."""
        for root in request.get("attachments", {}).get("manifests", []):
            assert hash_data(root["rootPath"].encode(), HashAlgorithm.XXH128) in root.get(
                "inputManifestPath", hash_data(root["rootPath"].encode(), HashAlgorithm.XXH128)
            )
        result = {"request": {**request, "template": self._template(request)}, "manifests": self.manifests(request)}
        text = json.dumps(result)
        text = re.sub(r"/Inputs/[0-9a-f]{32}/[0-9a-f]{32}_input", "/Inputs/<new>/<hash of the root>_input", text)
        return dict(json.loads(self.with_placeholders(text)))

    def with_placeholders(self, text: str) -> str:
        for value, placeholder in (
            *((path, placeholder) for placeholder, path in self.places.items()),
            (str(self.folder), "<folder>"),
            (self.farm.farm_id, "<farm>"),
            (self.queue_id, "<queue>"),
            (self.storage_profile_id, "<storage profile>"),
        ):
            text = text.replace(value, placeholder) if value else text
        return text

    def _template(self, request: dict[str, Any]) -> Any:
        name = f"template.{request['templateType'].lower()}"
        text = Path(self.places["<bundle>"], name).read_text(encoding="utf-8")
        return f"<{name}>" if request["template"] == text else request["template"].splitlines()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_becomes_the_request_that_was_reviewed(name: str, farm: Farm, tmp_path: Path) -> None:
    sample = Sample(name, farm, tmp_path.resolve())
    host = Host()

    if "error" in sample.case:
        with pytest.raises(DeadlineOperationError) as caught:
            sample.submit(host)
        message = sample.with_placeholders(str(caught.value))
        assert [text for text in sample.case["error"] if text not in message] == [], message
        return
    result = sample.written(sample.submit(host))

    expected = sample.source / "expected.json"
    if UPDATE:
        expected.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert result == json.loads(expected.read_text(encoding="utf-8"))
    shown = "\n".join(host.messages)
    assert [text for text in sample.case.get("shows", []) if text not in shown] == [], shown


def test_every_sample_says_what_it_is_about() -> None:
    assert len(SAMPLES) > 10
    for name in SAMPLES:
        case = json.loads((GOLDEN / name / "case.json").read_text(encoding="utf-8"))
        assert case["about"], name
        assert ("error" in case) != (GOLDEN / name / "expected.json").exists(), name
