"""Everything about a submission that is known before anything is uploaded. Planning asks nobody and changes nothing.

Hooks may change the job before it is created. :func:`replan_submission` then puts it together anew, with what they
answered and with the bundle as they left it.
"""

from __future__ import annotations

import json
from configparser import ConfigParser
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client
from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._yaml import deadline_yaml_dump
from deadline.client.job_bundle.asset_reference_file import read_asset_references
from deadline.client.job_bundle.bundle_parameters import (
    apply_job_parameters,
    as_job_template,
    parameters_of_template,
    uses_expressions,
)
from deadline.client.job_bundle.hooks.outputs import SubmissionChanges
from deadline.client.job_bundle.hooks.sources import HookSource
from deadline.client.job_bundle.loader import (
    parse_yaml_or_json_content,
    read_yaml_or_json,
    validate_directory_symlink_containment,
)
from deadline.client.job_bundle.parameter_merging import merge_queue_job_parameters
from deadline.client.job_bundle.parameter_types import JobParameter
from deadline.client.job_bundle.submission import AssetReferences, split_parameter_args
from deadline.client.job_bundle.template_check import check_template
from deadline.job_attachments.models import JobAttachmentsFileSystem, StorageProfile

from ..queue_parameters import get_queue_parameter_definitions
from ..service_client import described_errors
from ..storage_profiles import get_storage_profile_for_queue
from .bundle_folder import bundle_folder
from .job_properties import job_properties
from .planned_hooks import find_hooks, values_of_hooks
from .request import SubmissionRequest


@dataclass(frozen=True)
class SubmissionPlan:
    """A job as it will be created, but for its attachments."""

    request: SubmissionRequest
    deadline: Any
    """The Deadline Cloud client for the farm's region."""
    queue: Mapping[str, Any]
    """The answer of GetQueue."""
    queue_parameters: Sequence[JobParameter]
    """The parameters that the queue's environments define."""
    create_job_arguments: Mapping[str, Any]
    """The arguments of CreateJob without ``attachments``."""
    job_name: str
    parameters: List[JobParameter]
    asset_references: AssetReferences
    storage_profile: Optional[StorageProfile]
    file_system: str
    remarks: List[str]
    """What the user should know, though it does not hinder the submission."""
    hook_sources: Tuple[HookSource, ...] = ()
    """The hooks that run, if the user agrees."""
    changes: SubmissionChanges = field(default_factory=SubmissionChanges)
    """What pre-submission hooks have changed already."""

    @property
    def farm_id(self) -> str:
        """The farm."""
        return str(self.create_job_arguments["farmId"])

    @property
    def queue_id(self) -> str:
        """The queue."""
        return str(self.create_job_arguments["queueId"])

    @property
    def queue_name(self) -> str:
        """The queue as people call it."""
        return str(self.queue.get("displayName") or self.queue_id)

    @property
    def given_parameter_names(self) -> Tuple[str, ...]:
        """The parameters of which the caller or its hooks have given the values; paths in them are known."""
        return (*(item["name"] for item in self.request.job_parameters), *self.changes.parameters)


@dataclass(frozen=True)
class _Job:
    """The job of a bundle, before it is known where it goes."""

    template: Mapping[str, Any]
    template_text: str
    template_type: str
    parameters: List[JobParameter]
    asset_references: AssetReferences
    remarks: List[str]


def plan_submission(request: SubmissionRequest, config: Optional[ConfigParser] = None) -> SubmissionPlan:
    """Read the bundle, ask the service about the queue, and put the job together.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationError: The bundle, a parameter or a setting cannot be used.
    """
    file_system = _file_system(request, config)
    request = replace(request, bundle_dir=bundle_folder(request.bundle_dir))
    job = _read_bundle(request, SubmissionChanges())
    hooks = find_hooks(request, config)
    farm_id, queue_id = _required("farm", config), _required("queue", config)
    deadline = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farm_id))
    unfinished = SubmissionPlan(
        request=request,
        deadline=deadline,
        queue=deadline.get_queue(farmId=farm_id, queueId=queue_id),
        queue_parameters=_queue_parameters(request, farm_id, queue_id, config),
        create_job_arguments={"farmId": farm_id, "queueId": queue_id},
        job_name="",
        parameters=[],
        asset_references=AssetReferences(),
        storage_profile=_storage_profile(farm_id, queue_id, deadline, config),
        file_system=file_system,
        remarks=[*hooks.warnings, *hooks.notes],
        hook_sources=hooks.sources,
    )
    return _put_together(unfinished, job, SubmissionChanges(), config)


def replan_submission(
    plan: SubmissionPlan, changes: SubmissionChanges, config: Optional[ConfigParser] = None
) -> SubmissionPlan:
    """The plan with what pre-submission hooks have changed, in their answers and in the bundle.

    Raises:
        DeadlineOperationError: The bundle, a parameter or an answer cannot be used.
    """
    return _put_together(plan, _read_bundle(plan.request, changes), changes, config)


def _read_bundle(request: SubmissionRequest, changes: SubmissionChanges) -> _Job:
    folder = request.bundle_dir
    validate_directory_symlink_containment(folder)
    remarks: List[str] = []
    where = f"The template of {folder}"
    if changes.template is None:
        text, type_ = read_yaml_or_json(folder, "template", required=True)
        content = parse_yaml_or_json_content(text, type_, folder, "template")
    else:
        text, type_ = changes.template, _type_of(changes.template)
        where = "The template that a pre-submission hook answered"
        content = _parsed(text, type_, where)
    template = as_job_template(content, where)
    if request.name is not None:
        template = {**template, "name": request.name}
        text = _template_text(template, type_)
    check_template(template, where, remarks.append)
    return _Job(
        template=template,
        template_text=text,
        template_type=type_,
        parameters=parameters_of_template(template, folder, where if changes.template is not None else None),
        asset_references=read_asset_references(folder).union(changes.references(folder)),
        remarks=remarks,
    )


def _put_together(
    plan: SubmissionPlan, job: _Job, changes: SubmissionChanges, config: Optional[ConfigParser]
) -> SubmissionPlan:
    """The plan with the job's own parts; those of farm, queue and storage profile stay."""
    request, folder = plan.request, plan.request.bundle_dir
    allow_uris = uses_expressions(job.template)
    parameters = merge_queue_job_parameters(
        queue_id=plan.queue_id, job_parameters=job.parameters, queue_parameters=plan.queue_parameters
    )
    references = job.asset_references
    values_given = [*values_of_hooks(changes, parameters, allow_uris), *request.job_parameters]
    apply_job_parameters(values_given, folder, parameters, references, allow_uri_path_values=allow_uris)
    properties, values = split_parameter_args(parameters, folder)
    arguments: Dict[str, Any] = {
        "farmId": plan.farm_id,
        "queueId": plan.queue_id,
        "template": job.template_text,
        "templateType": job.template_type,
        **job_properties(request, properties, changes.priority, config),
    }
    if plan.storage_profile is not None:
        arguments["storageProfileId"] = plan.storage_profile.storageProfileId
    if values:
        arguments["parameters"] = values
    return replace(
        plan,
        create_job_arguments=arguments,
        job_name=str(job.template.get("name", "")),
        parameters=parameters,
        asset_references=references,
        remarks=[*plan.remarks, *(remark for remark in job.remarks if remark not in plan.remarks)],
        changes=changes,
    )


def _required(kind: str, config: Optional[ConfigParser]) -> str:
    identifier = get_setting(f"defaults.{kind}_id", config)
    if not identifier:
        raise DeadlineOperationError(
            f"The job has no {kind} to go to. Name it with --{kind}-id, or for good with: "
            f"deadline config set defaults.{kind}_id <{kind} id>"
        )
    return identifier


def _file_system(request: SubmissionRequest, config: Optional[ConfigParser]) -> str:
    name = request.job_attachments_file_system or get_setting("defaults.job_attachments_file_system", config)
    choices = [member.value for member in JobAttachmentsFileSystem]
    if name not in choices:
        raise DeadlineOperationError(f"The job attachments file system {name!r} is not one of {', '.join(choices)}.")
    return name


def _storage_profile(
    farm_id: str, queue_id: str, deadline: Any, config: Optional[ConfigParser]
) -> Optional[StorageProfile]:
    identifier = get_setting("settings.storage_profile_id", config)
    if not identifier:
        return None
    action = (
        f"get storage profile {identifier}, which --storage-profile-id or the setting settings.storage_profile_id names"
    )
    with described_errors(action, farm_id=farm_id, queue_id=queue_id, storage_profile_id=identifier, config=config):
        return get_storage_profile_for_queue(farm_id, queue_id, identifier, deadline, config)


def _queue_parameters(
    request: SubmissionRequest, farm_id: str, queue_id: str, config: Optional[ConfigParser]
) -> List[JobParameter]:
    if request.queue_parameter_definitions is not None:
        return list(request.queue_parameter_definitions)
    return get_queue_parameter_definitions(farmId=farm_id, queueId=queue_id, config=config)


def _template_text(template: Mapping[str, Any], template_type: str) -> str:
    if template_type == "JSON":
        return json.dumps(template, indent=2)
    return deadline_yaml_dump(dict(template)) or ""


def _parsed(text: str, type_: str, where: str) -> Any:
    try:
        return parse_yaml_or_json_content(text, type_, "", "template")
    except DeadlineOperationError as error:
        # It is no file of the bundle, as which the message has it.
        raise DeadlineOperationError(f"{where} is not valid {type_}: {error.__cause__}") from error


def _type_of(template_text: str) -> str:
    """JSON where the text is that; all else is YAML, or nothing."""
    try:
        json.loads(template_text)
    except ValueError:
        return "YAML"
    return "JSON"
