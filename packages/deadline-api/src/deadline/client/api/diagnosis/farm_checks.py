"""Checks of the default farm and queue, what goes with them, and the role of the queue."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List

from botocore.exceptions import BotoCoreError, ClientError

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.config import get_setting
from deadline.client.config.editing import copy_config
from deadline.client.exceptions import DeadlineOperationError

from ..advice import is_denial
from ..errors import describe_service_error
from ..paging import call_paginated_list_api
from ..selection import resolve_farm_and_queue
from .credential_checks import time_left
from .explaining import explain
from .findings import Finding, NothingToCheck, error, ok, warning
from .subject import Subject

_OS_FAMILY = {"win32": "WINDOWS", "cygwin": "WINDOWS", "darwin": "MACOS"}.get(sys.platform, "LINUX")


def check_farm(subject: Subject) -> Finding:
    """Whether the default farm is there and may be seen; without a default, whether there is only one."""
    subject.farm_config = copy_config(subject.config)
    try:
        farm_id = resolve_farm_and_queue(subject.farm_config, queue=False).farm_id
    except DeadlineOperationError as failure:
        why, next_step = explain(failure)
        return warning("no default farm", why, next_step)
    subject.farm_region = resolve_region(subject.farm_config, farm_id=farm_id) or subject.region
    farm = _get(subject, "farm", farmId=farm_id)
    subject.farm_id = farm_id
    return ok(f"{farm_id} {farm['displayName']!r} in {subject.farm_region}")


def check_queue(subject: Subject) -> Finding:
    """Whether the default queue is there, may be seen, and can be submitted to."""
    _require_farm(subject)
    try:
        queue_id = resolve_farm_and_queue(subject.farm_config).queue_id
    except DeadlineOperationError as failure:
        why, next_step = explain(failure)
        return warning("no default queue", why, next_step)
    queue = _get(subject, "queue", farmId=subject.farm_id, queueId=queue_id)
    subject.queue = queue
    attachments = queue.get("jobAttachmentSettings")
    found = f"{queue_id} {queue['displayName']!r}, " + (
        f"job attachments in s3://{attachments['s3BucketName']}/{attachments['rootPrefix']}"
        if attachments
        else "no job attachments"
    )
    if queue.get("status") == "SCHEDULING_BLOCKED":
        return warning(
            found,
            f"The queue begins no jobs: {queue.get('blockedReason', 'it is blocked')}.",
            "Ask the farm's administrator about the queue's budget.",
        )
    if not attachments:
        return warning(
            found,
            "Jobs of this queue can have no input files, and their outputs are not kept.",
            "Ask the farm's administrator to set up job attachments, or use another queue for jobs with files.",
        )
    return ok(found)


def check_fleets(subject: Subject) -> Finding:
    """Whether a fleet works for the queue."""
    ids = _farm_and_queue(subject)
    client = subject.farm_client()
    try:
        found = call_paginated_list_api(client.list_queue_fleet_associations, "queueFleetAssociations", **ids)
    except ClientError as failure:
        if is_denial(failure):
            raise NothingToCheck("You may not see which fleets serve the queue.") from failure
        raise
    active = [item for item in found["queueFleetAssociations"] if item["status"] == "ACTIVE"]
    if active:
        return ok(f"{len(active)} {'serves' if len(active) == 1 else 'serve'} the queue")
    return warning(
        "none serves the queue",
        "Jobs are accepted, but nobody runs them.",
        "Ask the farm's administrator to associate a fleet with the queue.",
    )


def check_storage_profile(subject: Subject) -> Finding:
    """Whether the storage profile of this workstation is one of the queue's, and fits this machine."""
    ids = _farm_and_queue(subject)
    profile_id = get_setting("settings.storage_profile_id", subject.farm_config)
    if not profile_id:
        raise NothingToCheck("settings.storage_profile_id is not set.")
    profile = _get(subject, "storage_profile_for_queue", **ids, storageProfileId=profile_id)
    locations: List[Dict[str, Any]] = profile.get("fileSystemLocations", [])
    count = len(locations)
    found = f"{profile_id} {profile['displayName']!r}, {count} file system {'location' if count == 1 else 'locations'}"
    if profile["osFamily"] != _OS_FAMILY:
        return warning(
            found,
            f"It is for {profile['osFamily']}, and this machine is {_OS_FAMILY}: no path will fit.",
            "Choose another one with: deadline config set settings.storage_profile_id <id>",
        )
    missing = [location["path"] for location in locations if not os.path.isdir(location["path"])]
    if missing:
        return warning(
            found,
            f"There is no such folder on this machine: {', '.join(missing)}.",
            "Mount it, or choose the storage profile that fits: deadline config set settings.storage_profile_id <id>",
        )
    return ok(found)


def check_queue_role(subject: Subject) -> Finding:
    """Whether the role of the queue's users can be assumed."""
    ids = _farm_and_queue(subject)
    session: Any = get_queue_user_boto3_session(
        subject.farm_client(), subject.farm_config, ids["farmId"], ids["queueId"], subject.queue["displayName"]
    )
    credentials = session.get_credentials()
    credentials.get_frozen_credentials()
    subject.role_session = session
    return ok(f"may be assumed{time_left(credentials)}")


def check_queue_logs(subject: Subject) -> Finding:
    """Whether the logs of jobs may be read: asking for a stream that is not there tells."""
    ids = _farm_and_queue(subject)
    group = f"/aws/deadline/{ids['farmId']}/{ids['queueId']}"
    try:
        subject.role_client("logs").get_log_events(logGroupName=group, logStreamName="deadline-doctor", limit=1)
    except ClientError as failure:
        if failure.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            why, next_step = explain(failure)
            return error(group, why, next_step)
    return ok(f"{group} may be read")


def _get(subject: Subject, kind: str, **ids: str) -> Dict[str, Any]:
    """A resource, or an error that lists what there is instead."""
    try:
        answer: Dict[str, Any] = getattr(subject.farm_client(), f"get_{kind}")(**ids)
    except (BotoCoreError, ClientError) as failure:
        names = {"farmId": "farm_id", "queueId": "queue_id", "storageProfileId": "storage_profile_id"}
        name, identifier = kind.replace("_for_queue", "").replace("_", " "), list(ids.values())[-1]
        asked_about = {names[member]: value for member, value in ids.items()}
        raise describe_service_error(
            f"get {name} {identifier}", failure, config=subject.farm_config, **asked_about
        ) from failure
    return answer


def _require_farm(subject: Subject) -> None:
    if not subject.farm_id:
        raise NothingToCheck("There is no default farm.")


def _farm_and_queue(subject: Subject) -> Dict[str, str]:
    _require_farm(subject)
    if not subject.queue:
        raise NothingToCheck("There is no default queue.")
    return {"farmId": subject.farm_id, "queueId": subject.queue_id}
