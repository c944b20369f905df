"""Single resources of a farm, and the lists below a job: answers of the service as they are.

Each call goes to the region that is stored for its farm, unless ``region`` names another one. Errors are those of
boto3; :func:`~.errors.describe_service_error` explains them.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, List, Optional

from deadline.client.auth.telemetry import record_function_latency_telemetry_event
from deadline.client.config import get_setting

from .paging import call_paginated_list_api
from .renamed_arguments import accepts_old_names
from .service_client import deadline_client

_JOB_NAMES = {"farm_id": "farmId", "queue_id": "queueId", "job_id": "jobId"}

LARGEST_PAGE = 100
LARGEST_OFFSET = 10_000


def get_farm(farmId: str, region: Optional[str] = None, config: Optional[ConfigParser] = None) -> Dict[str, Any]:
    """GetFarm."""
    return _get("get_farm", region, config, farmId=farmId)


def get_queue(
    farmId: str, queueId: str, region: Optional[str] = None, config: Optional[ConfigParser] = None
) -> Dict[str, Any]:
    """GetQueue."""
    return _get("get_queue", region, config, farmId=farmId, queueId=queueId)


def get_fleet(
    farmId: str, fleetId: str, region: Optional[str] = None, config: Optional[ConfigParser] = None
) -> Dict[str, Any]:
    """GetFleet."""
    return _get("get_fleet", region, config, farmId=farmId, fleetId=fleetId)


def list_fleets_of_queue(
    farmId: str, queueId: str, region: Optional[str] = None, config: Optional[ConfigParser] = None
) -> Dict[str, Any]:
    """``{"fleets": [...]}`` of a queue: GetFleet's answers, each with the ``queueFleetAssociationStatus``."""
    client = deadline_client(farmId, config, region)
    associations = call_paginated_list_api(
        client.list_queue_fleet_associations, "queueFleetAssociations", farmId=farmId, queueId=queueId
    )["queueFleetAssociations"]
    return {
        "fleets": [
            {**get_fleet(farmId, item["fleetId"], region, config), "queueFleetAssociationStatus": item["status"]}
            for item in associations
        ]
    }


def get_worker(
    farmId: str,
    fleetId: str,
    workerId: str,
    region: Optional[str] = None,
    config: Optional[ConfigParser] = None,
) -> Dict[str, Any]:
    """GetWorker."""
    return _get("get_worker", region, config, farmId=farmId, fleetId=fleetId, workerId=workerId)


def list_workers(
    farmId: str,
    fleetId: str,
    maxResults: Optional[int] = None,
    region: Optional[str] = None,
    config: Optional[ConfigParser] = None,
) -> Dict[str, Any]:
    """``{"workers": [...]}`` of a fleet; ``maxResults`` is the size of a page."""
    return _list("workers", maxResults, region, config, farmId=farmId, fleetId=fleetId)


def search_workers(
    farmId: str,
    fleetIds: List[str],
    pageSize: int = 25,
    itemOffset: int = 0,
    region: Optional[str] = None,
    config: Optional[ConfigParser] = None,
) -> Dict[str, Any]:
    """One page of the workers of fleets: ``{"workers": [...], "totalResults": int, "nextItemOffset": int or None}``.

    Args:
        farmId: The farm.
        fleetIds: The fleets.
        pageSize: Workers on a page, 1 to 100.
        itemOffset: How many of the workers to pass over, 0 to 10,000.
        region: The region of the farm.
        config: A configuration to read from instead of the settings file.
    """
    answer = deadline_client(farmId, config, region).search_workers(
        farmId=farmId, fleetIds=fleetIds, **_page(pageSize, itemOffset)
    )
    return _search_result("workers", answer)


@accepts_old_names(**_JOB_NAMES)
@record_function_latency_telemetry_event()
def get_job(
    farmId: str, queueId: str, jobId: str, config: Optional[ConfigParser] = None, region: Optional[str] = None
) -> Dict[str, Any]:
    """GetJob."""
    return _get("get_job", region, config, farmId=farmId, queueId=queueId, jobId=jobId)


@accepts_old_names(**_JOB_NAMES, session_id="sessionId")
@record_function_latency_telemetry_event()
def get_session(
    farmId: str,
    queueId: str,
    jobId: str,
    sessionId: str,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """GetSession."""
    return _get("get_session", region, config, farmId=farmId, queueId=queueId, jobId=jobId, sessionId=sessionId)


def get_step(
    farmId: str,
    queueId: str,
    jobId: str,
    stepId: str,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """GetStep."""
    return _get("get_step", region, config, farmId=farmId, queueId=queueId, jobId=jobId, stepId=stepId)


def get_session_action(
    farmId: str,
    queueId: str,
    jobId: str,
    sessionActionId: str,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """GetSessionAction."""
    ids = {"farmId": farmId, "queueId": queueId, "jobId": jobId}
    return _get("get_session_action", region, config, **ids, sessionActionId=sessionActionId)


def list_session_actions(
    farmId: str,
    queueId: str,
    jobId: str,
    sessionId: Optional[str] = None,
    taskId: Optional[str] = None,
    maxResults: Optional[int] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """``{"sessionActions": [...]}`` of a session, or the runs of a task: name one of the two."""
    which = {"sessionId": sessionId} if sessionId else {"taskId": taskId}
    ids = {"farmId": farmId, "queueId": queueId, "jobId": jobId, **which}
    return _list("sessionActions", maxResults, region, config, "list_session_actions", **ids)


@accepts_old_names(**_JOB_NAMES, max_results="maxResults")
@record_function_latency_telemetry_event()
def list_sessions(
    farmId: str,
    queueId: str,
    jobId: str,
    maxResults: Optional[int] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """``{"sessions": [...]}`` of a job; ``maxResults`` is the size of a page."""
    return _list("sessions", maxResults, region, config, farmId=farmId, queueId=queueId, jobId=jobId)


@accepts_old_names(**_JOB_NAMES, max_results="maxResults")
@record_function_latency_telemetry_event()
def list_steps(
    farmId: str,
    queueId: str,
    jobId: str,
    maxResults: Optional[int] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """``{"steps": [...]}`` of a job; ``maxResults`` is the size of a page."""
    return _list("steps", maxResults, region, config, farmId=farmId, queueId=queueId, jobId=jobId)


@accepts_old_names(**_JOB_NAMES, step_id="stepId", max_results="maxResults")
@record_function_latency_telemetry_event()
def list_tasks(
    farmId: str,
    queueId: str,
    jobId: str,
    stepId: str,
    maxResults: Optional[int] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Dict[str, Any]:
    """``{"tasks": [...]}`` of a step; ``maxResults`` is the size of a page."""
    return _list("tasks", maxResults, region, config, farmId=farmId, queueId=queueId, jobId=jobId, stepId=stepId)


@accepts_old_names(
    farm_id="farmId",
    queue_ids="queueIds",
    task_run_status="taskRunStatus",
    name_contains="nameContains",
    page_size="pageSize",
    item_offset="itemOffset",
)
@record_function_latency_telemetry_event()
def search_jobs(
    farmId: Optional[str] = None,
    queueIds: Optional[List[str]] = None,
    taskRunStatus: Optional[str] = None,
    nameContains: Optional[str] = None,
    pageSize: int = 25,
    itemOffset: int = 0,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
    *,
    exactTerm: bool = False,
    newestFirst: bool = False,
) -> Dict[str, Any]:
    """One page of the jobs that match: ``{"jobs": [...], "totalResults": int, "nextItemOffset": int or None}``.

    Args:
        farmId: The farm; the default farm where left out.
        queueIds: The queues; the default queue where left out.
        taskRunStatus: The status that jobs have, such as ``FAILED``.
        nameContains: A text within their names, or what the service finds like it.
        pageSize: Jobs on a page, 1 to 100.
        itemOffset: How many of the matching jobs to pass over, 0 to 10,000.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm.
        exactTerm: Whether ``nameContains`` has to be in their names as it is.
        newestFirst: Whether the job that was created last comes first.

    Raises:
        ValueError: There is neither a farm or queue among the arguments nor among the settings.
    """
    farm_id = farmId or get_setting("defaults.farm_id", config)
    queue_ids = queueIds or [queue_id for queue_id in [get_setting("defaults.queue_id", config)] if queue_id]
    if not farm_id or not queue_ids:
        raise ValueError("Pass farmId and queueIds, or set the default farm and queue.")
    client = deadline_client(farm_id, config, region)
    filters: List[Dict[str, Any]] = []
    if taskRunStatus:
        filters.append({"stringFilter": {"name": "TASK_RUN_STATUS", "operator": "EQUAL", "value": taskRunStatus}})
    if nameContains:
        filters.append({"searchTermFilter": {"searchTerm": nameContains, **_exact_match(client, exactTerm)}})
    order = [{"fieldSort": {"name": "CREATED_AT", "sortOrder": "DESCENDING"}}]
    answer = client.search_jobs(
        farmId=farm_id,
        queueIds=queue_ids,
        **_page(pageSize, itemOffset),
        **({"filterExpressions": {"filters": filters, "operator": "AND"}} if filters else {}),
        **({"sortExpressions": order} if newestFirst else {}),
    )
    return _search_result("jobs", answer)


def _exact_match(client: Any, wanted: bool) -> Dict[str, str]:
    """How a search term is to match; older releases of botocore do not know the member, and the service guesses then."""
    if not wanted:
        return {}
    known = client.meta.service_model.shape_for("SearchTermFilterExpression").members
    return {"matchType": "CONTAINS"} if "matchType" in known else {}


def _page(size: int, offset: int) -> Dict[str, int]:
    return {"pageSize": min(max(size, 1), LARGEST_PAGE), "itemOffset": min(max(offset, 0), LARGEST_OFFSET)}


def _search_result(key: str, answer: Dict[str, Any]) -> Dict[str, Any]:
    return {
        key: answer.get(key, []),
        "totalResults": answer.get("totalResults", 0),
        "nextItemOffset": answer.get("nextItemOffset"),
    }


def _get(method: str, region: Optional[str], config: Optional[ConfigParser], **arguments: str) -> Dict[str, Any]:
    answer = getattr(deadline_client(arguments["farmId"], config, region), method)(**arguments)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _list(
    key: str,
    page_size: Optional[int],
    region: Optional[str],
    config: Optional[ConfigParser],
    method: str = "",
    **arguments: Any,
) -> Dict[str, Any]:
    list_api = getattr(deadline_client(arguments["farmId"], config, region), method or f"list_{key}")
    if page_size is not None:
        arguments["maxResults"] = page_size
    return call_paginated_list_api(list_api, key, **arguments)
