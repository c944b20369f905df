"""Everything about a submission that is known before anything is uploaded. Planning asks nobody and changes nothing."""

from __future__ import annotations

import json
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client
from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._yaml import deadline_yaml_dump
from deadline.client.job_bundle.asset_reference_file import read_asset_references
from deadline.client.job_bundle.bundle_parameters import (
    apply_job_parameters,
    read_job_bundle_parameters,
    read_template_object,
    uses_expressions,
)
from deadline.client.job_bundle.loader import read_yaml_or_json, validate_directory_symlink_containment
from deadline.client.job_bundle.parameter_merging import merge_queue_job_parameters
from deadline.client.job_bundle.parameter_types import JobParameter
from deadline.client.job_bundle.submission import AssetReferences, split_parameter_args
from deadline.client.job_bundle.template_check import check_template
from deadline.job_attachments.models import JobAttachmentsFileSystem, StorageProfile

from ..queue_parameters import get_queue_parameter_definitions
from ..storage_profiles import get_storage_profile_for_queue
from .request import SubmissionRequest

DEFAULT_PRIORITY = 50
TARGET_STATUSES = ("READY", "SUSPENDED")


@dataclass(frozen=True)
class SubmissionPlan:
    """A job as it will be created, but for its attachments."""

    request: SubmissionRequest
    deadline: Any
    """The Deadline Cloud client for the farm's region."""
    queue: Mapping[str, Any]
    """The answer of GetQueue."""
    create_job_arguments: Mapping[str, Any]
    """The arguments of CreateJob without ``attachments``."""
    parameters: List[JobParameter]
    asset_references: AssetReferences
    storage_profile: Optional[StorageProfile]
    file_system: str
    remarks: List[str]
    """What the user should know, though it does not hinder the submission."""

    @property
    def farm_id(self) -> str:
        """The farm."""
        return str(self.create_job_arguments["farmId"])

    @property
    def queue_id(self) -> str:
        """The queue."""
        return str(self.create_job_arguments["queueId"])


def plan_submission(request: SubmissionRequest, config: Optional[ConfigParser] = None) -> SubmissionPlan:
    """Read the bundle, ask the service about the queue, and put the job together.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationError: The bundle, a parameter or a setting cannot be used.
    """
    file_system = _file_system(request, config)
    remarks: List[str] = []
    validate_directory_symlink_containment(request.bundle_dir)
    template_text, template_type = read_yaml_or_json(request.bundle_dir, "template", required=True)
    template = read_template_object(request.bundle_dir)
    allow_uris = uses_expressions(template)
    if request.name is not None:
        template = {**template, "name": request.name}
        template_text = _template_text(template, template_type)
    check_template(template, f"The template of {request.bundle_dir}", remarks.append)
    parameters = read_job_bundle_parameters(request.bundle_dir)
    references = read_asset_references(request.bundle_dir)

    farm_id, queue_id = _required("farm", config), _required("queue", config)
    deadline = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farm_id))
    queue = deadline.get_queue(farmId=farm_id, queueId=queue_id)
    storage_profile = _storage_profile(farm_id, queue_id, deadline, config)
    parameters = merge_queue_job_parameters(
        queue_id=queue_id,
        job_parameters=parameters,
        queue_parameters=_queue_parameters(request, farm_id, queue_id, config),
    )
    apply_job_parameters(
        request.job_parameters, request.bundle_dir, parameters, references, allow_uri_path_values=allow_uris
    )
    properties, values = split_parameter_args(parameters, request.bundle_dir)
    arguments: Dict[str, Any] = {
        "farmId": farm_id,
        "queueId": queue_id,
        "template": template_text,
        "templateType": template_type,
        **_job_properties(request, properties, config),
    }
    if storage_profile is not None:
        arguments["storageProfileId"] = storage_profile.storageProfileId
    if values:
        arguments["parameters"] = values
    return SubmissionPlan(
        request=request,
        deadline=deadline,
        queue=queue,
        create_job_arguments=arguments,
        parameters=parameters,
        asset_references=references,
        storage_profile=storage_profile,
        file_system=file_system,
        remarks=remarks,
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


def _job_properties(
    request: SubmissionRequest, bundle: Mapping[str, Any], config: Optional[ConfigParser]
) -> Dict[str, Any]:
    """The job's properties: the caller's, else those of the bundle (``deadline:*``), else those of the settings."""

    def integer(given: Optional[int], name: str, minimum: int, default: Optional[int]) -> Optional[int]:
        value = bundle.get(name, default) if given is None else given
        try:
            number = None if value is None else int(str(value))
        except ValueError:
            number = minimum - 1
        if number is not None and (number < minimum or isinstance(value, bool)):
            raise DeadlineOperationError(f"{name} is {value!r}, but has to be a whole number of {minimum} or more.")
        return number

    target = request.target_task_run_status or bundle.get("targetTaskRunStatus")
    if target is not None and target not in TARGET_STATUSES:
        raise DeadlineOperationError(
            f"targetTaskRunStatus is {target!r}, but has to be {' or '.join(TARGET_STATUSES)}."
        )
    failures = int(get_setting("settings.max_failed_tasks_count", config))
    retries = int(get_setting("settings.max_retries_per_task", config))
    properties = {
        "priority": integer(request.priority, "priority", 0, DEFAULT_PRIORITY),
        "maxFailedTasksCount": integer(request.max_failed_tasks_count, "maxFailedTasksCount", 0, failures),
        "maxRetriesPerTask": integer(request.max_retries_per_task, "maxRetriesPerTask", 0, retries),
        "maxWorkerCount": integer(request.max_worker_count, "maxWorkerCount", -1, None),
        "targetTaskRunStatus": target,
    }
    return {name: value for name, value in properties.items() if value is not None}
