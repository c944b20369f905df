"""The job parameters that a queue's environments define."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from typing import Any, Dict, List, Optional

from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client
from deadline.client.auth.telemetry import record_function_latency_telemetry_event
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._yaml import load_yaml
from deadline.client.job_bundle.bundle_parameters import normalize_parameter_types, uses_expressions
from deadline.client.job_bundle.parameter_types import PARAMETER_TYPES, JobParameter
from deadline.client.job_bundle.parameters import (
    get_ui_control_for_parameter_definition,
    parameter_definition_difference,
    validate_job_parameter,
)

from .paging import call_paginated_list_api

MAXIMUM_REQUESTS_AT_ONCE = 8


@record_function_latency_telemetry_event()
def get_queue_parameter_definitions(
    *, region: Optional[str] = None, farmId: str, queueId: str, config: Optional[ConfigParser] = None
) -> List[JobParameter]:
    """The parameters of all environments of a queue, in the order of the environments' priorities.

    Each has a group label for the windows, that of its environment where the template gives none. Where environments
    share a parameter, the definition of the one with the lowest priority number counts.

    Args:
        region: The region of the farm, where it is not the stored one.
        farmId: The farm.
        queueId: The queue.
        config: A configuration to read from instead of the settings file.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationError: An environment's template is not well formed, or two environments define a parameter
            differently.
    """
    client = get_boto3_client("deadline", config=config, region=resolve_region(config, region, farmId))
    merged: Dict[str, JobParameter] = {}
    for environment in _environments(client, farmId, queueId):
        for parameter in _parameters(environment):
            first = merged.setdefault(parameter["name"], parameter)
            fields = parameter_definition_difference(first, parameter)
            if fields:
                raise DeadlineOperationError(
                    f"The environments of queue {queueId} define the parameter {parameter['name']!r} differently; these "
                    f"fields differ: {', '.join(fields)}. Ask the farm's administrator to make them agree."
                )
    return list(merged.values())


def _environments(client: Any, farm_id: str, queue_id: str) -> List[Dict[str, Any]]:
    summaries = call_paginated_list_api(
        client.list_queue_environments, "environments", farmId=farm_id, queueId=queue_id
    )["environments"]

    def get(summary: Dict[str, Any]) -> Dict[str, Any]:
        return dict(
            client.get_queue_environment(
                farmId=farm_id, queueId=queue_id, queueEnvironmentId=summary["queueEnvironmentId"]
            )
        )

    if not summaries:
        return []
    with ThreadPoolExecutor(min(len(summaries), MAXIMUM_REQUESTS_AT_ONCE), "queue-environments") as pool:
        return sorted(pool.map(get, summaries), key=lambda environment: int(environment["priority"]))


def _parameters(environment: Dict[str, Any]) -> List[JobParameter]:
    where = f"The template of queue environment {environment['queueEnvironmentId']}"
    try:
        # JSON is YAML too.
        template = load_yaml(environment["template"])
    except ValueError as error:
        raise DeadlineOperationError(f"{where} is not valid YAML: {error}") from error
    if not isinstance(template, dict):
        raise DeadlineOperationError(f"{where} is not a mapping.")
    definitions = template.get("parameterDefinitions") or []
    if not isinstance(definitions, list):
        raise DeadlineOperationError(f"{where} has parameterDefinitions that are not a list.")
    if uses_expressions(template):
        normalize_parameter_types(definitions)
    try:
        parameters = [
            validate_job_parameter(definition, type_required=True, default_required=True) for definition in definitions
        ]
    except (TypeError, ValueError) as error:
        raise DeadlineOperationError(f"{where} has a parameter that is not well formed. {error}") from error
    inner = template.get("environment")
    name = inner.get("name") if isinstance(inner, dict) else None
    for parameter in parameters:
        _label(parameter, f"Queue Environment: {name or environment['queueEnvironmentId']}")
    return parameters


def _label(parameter: JobParameter, group_label: str) -> None:
    interface = parameter.setdefault("userInterface", {})
    if not interface:
        control = get_ui_control_for_parameter_definition(parameter)
        # A control that edits a list of lists is a default only, which cannot be asked for.
        if control in PARAMETER_TYPES[parameter["type"]].controls and parameter["type"] != "LIST[LIST[INT]]":
            interface["control"] = control
    if not interface.get("groupLabel"):
        interface["groupLabel"] = group_label
