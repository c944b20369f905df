"""The frame for submitters: what it asks a submitter for, in which order, and the queue's parameters with values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from deadline.client import api
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.submission import AssetReferences

if TYPE_CHECKING:
    from .conftest import Farm

PARAMETERS = [
    {"name": "CondaPackages", "type": "STRING", "default": "blender=4.2"},
    {"name": "Licenses", "type": "INT", "default": 1},
]


class SceneSubmitter(api.BaseSubmitter):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def get_settings(self) -> api.BaseSubmitterSettings:
        self.asked.append(("settings", None))
        return api.BaseSubmitterSettings(job_name="shot 010", input_filenames=["/shows/shot010.scene"])

    def get_job_template(
        self, settings: api.BaseSubmitterSettings, host_requirements: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        self.asked.append(("template", host_requirements))
        return {"name": settings.job_name}

    def get_parameter_values(
        self, settings: api.BaseSubmitterSettings, queue_parameters: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        self.asked.append(("values", queue_parameters))
        return [{"name": parameter["name"], "value": parameter["value"]} for parameter in queue_parameters]

    def get_asset_references(self, settings: api.BaseSubmitterSettings) -> AssetReferences:
        self.asked.append(("assets", None))
        return AssetReferences(input_filenames=set(settings.input_filenames))


@pytest.fixture
def queue(farm: Farm) -> str:
    """A queue with an environment that has parameters; it is the default queue."""
    queue_id = farm.new_queue()
    template = {
        "specificationVersion": "environment-2023-09",
        "parameterDefinitions": PARAMETERS,
        "environment": {"name": "Conda", "variables": {"CONDA": "{{Param.CondaPackages}}"}},
    }
    farm.client.create_queue_environment(
        farmId=farm.farm_id, queueId=queue_id, priority=1, templateType="JSON", template=json.dumps(template)
    )
    set_setting("defaults.queue_id", queue_id)
    return queue_id


def test_a_submitter_is_asked_for_its_settings_then_template_values_and_files() -> None:
    submitter = SceneSubmitter()

    context = submitter.get_submission_context(queue_parameters=[{"name": "Licenses", "value": 3}])

    assert [question for question, _ in submitter.asked] == ["settings", "template", "values", "assets"]
    assert context.settings.job_name == "shot 010"
    assert context.job_template == {"name": "shot 010"}
    assert context.parameter_values == [{"name": "Licenses", "value": 3}]
    assert context.asset_references.input_filenames == {"/shows/shot010.scene"}


def test_settings_and_host_requirements_that_are_given_are_used() -> None:
    submitter, requirements = SceneSubmitter(), {"amounts": [{"name": "amount.worker.vcpu", "min": 4}]}

    context = submitter.get_submission_context(
        api.BaseSubmitterSettings(job_name="given"), queue_parameters=[], host_requirements=requirements
    )

    assert context.job_template == {"name": "given"}
    assert submitter.asked[0] == ("template", requirements)


def test_a_submitter_that_knows_no_host_requirements_is_not_given_any() -> None:
    class OldSubmitter(SceneSubmitter):
        def get_job_template(self, settings: api.BaseSubmitterSettings) -> dict[str, Any]:  # type: ignore[override]
            return {"name": "old"}

    assert OldSubmitter().get_submission_context(queue_parameters=[]).job_template == {"name": "old"}


def test_the_parameters_of_the_queue_come_with_defaults_or_initial_values(farm: Farm, queue: str) -> None:
    parameters = api.get_queue_parameters(initial_values={"Licenses": 7})

    assert {parameter["name"]: parameter["value"] for parameter in parameters} == {
        "CondaPackages": "blender=4.2",
        "Licenses": 7,
    }
    assert SceneSubmitter().get_submission_context(farm_id=farm.farm_id, queue_id=queue).parameter_values == [
        {"name": "CondaPackages", "value": "blender=4.2"},
        {"name": "Licenses", "value": 1},
    ]


def test_without_a_queue_the_error_says_how_to_set_one(farm: Farm) -> None:
    set_setting("defaults.queue_id", "")

    with pytest.raises(DeadlineOperationError, match=r"deadline config set defaults\.queue_id"):
        api.get_queue_parameters()


def test_a_submitter_has_to_answer_all_four_questions() -> None:
    with pytest.raises(TypeError, match="get_asset_references"):
        type("Half", (SceneSubmitter,), {"get_asset_references": api.BaseSubmitter.get_asset_references})()


def test_settings_are_not_shared_between_instances() -> None:
    first, second = api.BaseSubmitterSettings(), api.BaseSubmitterSettings()
    first.input_filenames.append("/a")
    assert second.input_filenames == []
    assert (second.priority, second.initial_status, second.max_worker_count) == (50, "READY", -1)
