"""Environments that a queue gives to each of its jobs."""

from __future__ import annotations

from typing import Any

import yaml
from openjd.model import DecodeValidationError, decode_environment_template

from local_farm.job_templates import SUPPORTED_EXTENSIONS
from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import ValidationError
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = ("priority", "templateType", "template")


def create_queue_environment(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    queue_id, environment_id = parameters["queueId"], new_id("queueenv")
    doc = {
        "queueEnvironmentId": environment_id,
        "name": _name_in(parameters["template"]),
        **{name: parameters[name] for name in _MEMBERS},
    }
    token = parameters.get("clientToken")
    with context.database.transaction() as db:
        resources.get(db, "queue", queue_id, parameters["farmId"])
        return {"queueEnvironmentId": resources.create(db, "queueEnvironment", environment_id, queue_id, doc, token)}


def get_queue_environment(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        return resources.get(db, "queueEnvironment", parameters["queueEnvironmentId"], parameters["queueId"])


def list_queue_environments(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        found = resources.children(db, "queueEnvironment", parameters["queueId"])
    return page(sorted(found, key=lambda environment: environment["priority"]), "environments", parameters)


def update_queue_environment(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Change an environment; jobs that are created from then on get the new one, sessions enter the new one."""
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    if "template" in changes:
        changes["name"] = _name_in(changes["template"])
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        resources.get(db, "queueEnvironment", parameters["queueEnvironmentId"], parameters["queueId"])
        resources.update(db, "queueEnvironment", parameters["queueEnvironmentId"], changes)
    return {}


def delete_queue_environment(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        resources.get(db, "queueEnvironment", parameters["queueEnvironmentId"], parameters["queueId"])
        resources.delete(db, "queueEnvironment", parameters["queueEnvironmentId"])
    return {}


def _name_in(template: str) -> str:
    try:
        decoded = decode_environment_template(
            template=yaml.safe_load(template), supported_extensions=SUPPORTED_EXTENSIONS
        )
    except (yaml.YAMLError, DecodeValidationError, TypeError) as error:
        raise ValidationError(f"The environment template is not valid: {error}", {"template": str(error)}) from error
    return str(decoded.environment.name)


OPERATIONS = {
    "CreateQueueEnvironment": create_queue_environment,
    "GetQueueEnvironment": get_queue_environment,
    "ListQueueEnvironments": list_queue_environments,
    "UpdateQueueEnvironment": update_queue_environment,
    "DeleteQueueEnvironment": delete_queue_environment,
}
