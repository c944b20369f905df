"""Searching jobs: filters, which may be nested, and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Callable

from local_farm.operations.context import Context
from local_farm.protocol.errors import ValidationError
from local_farm.state import resources
from local_farm.state.jobs import describe_jobs

_FIELDS = {
    "CREATED_AT": "createdAt",
    "STARTED_AT": "startedAt",
    "ENDED_AT": "endedAt",
    "CREATED_BY": "createdBy",
    "JOB_ID": "jobId",
    "NAME": "name",
    "JOB_NAME": "name",
    "PRIORITY": "priority",
    "LIFECYCLE_STATUS": "lifecycleStatus",
    "TASK_RUN_STATUS": "taskRunStatus",
    "TARGET_TASK_RUN_STATUS": "targetTaskRunStatus",
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": lambda found, wanted: found == wanted,
    "NOT_EQUAL": lambda found, wanted: found != wanted,
    "GREATER_THAN_EQUAL_TO": lambda found, wanted: found >= wanted,
    "GREATER_THAN": lambda found, wanted: found > wanted,
    "LESS_THAN_EQUAL_TO": lambda found, wanted: found <= wanted,
    "LESS_THAN": lambda found, wanted: found < wanted,
}


def search_jobs(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        for queue_id in parameters["queueIds"]:
            resources.get(db, "queue", queue_id, parameters["farmId"])
        marks = ",".join("?" * len(parameters["queueIds"]))
        rows = db.execute(
            f"SELECT * FROM jobs WHERE queue_id IN ({marks}) ORDER BY created_at, job_id", parameters["queueIds"]
        ).fetchall()
        jobs = describe_jobs(db, rows)
    if "filterExpressions" in parameters:
        jobs = [job for job in jobs if _group(job, parameters["filterExpressions"])]
    for expression in reversed(parameters.get("sortExpressions", [])):
        _sort(jobs, expression)
    start = parameters["itemOffset"]
    end = start + parameters.get("pageSize", 100)
    result: dict[str, Any] = {"jobs": jobs[start:end], "totalResults": len(jobs)}
    if end < len(jobs):
        result["nextItemOffset"] = end
    return result


def _group(job: dict[str, Any], group: dict[str, Any]) -> bool:
    results = (_matches(job, expression) for expression in group["filters"])
    return all(results) if group["operator"] == "AND" else any(results)


def _matches(job: dict[str, Any], expression: dict[str, Any]) -> bool:
    ((kind, terms),) = expression.items()
    if kind == "groupFilter":
        return _group(job, terms)
    if kind == "searchTermFilter":
        found = terms["searchTerm"].lower() in f"{job['name']} {job['jobId']}".lower()
        return not found if terms.get("matchType") == "FUZZY_MATCH_NOT" else found
    if kind == "stringFilter":
        return _COMPARISONS[terms["operator"]](str(_field(job, terms["name"])), terms["value"])
    if kind == "stringListFilter":
        among = str(_field(job, terms["name"])) in terms["values"]
        return among if terms["operator"] == "ANY_EQUALS" else not among
    if kind == "dateTimeFilter":
        found = _field(job, terms["name"])
        return found is not None and _COMPARISONS[terms["operator"]](found, _seconds(terms["dateTime"]))
    return _parameter(job, terms)


def _parameter(job: dict[str, Any], terms: dict[str, Any]) -> bool:
    value = (job.get("parameters") or {}).get(terms["name"])
    if value is None:
        return False
    ((_, found),) = value.items()
    return _COMPARISONS[terms["operator"]](str(found), terms["value"])


def _sort(jobs: list[dict[str, Any]], expression: dict[str, Any]) -> None:
    ((kind, terms),) = expression.items()
    if kind != "fieldSort":
        return  # every job is the same user's, and an order by parameter is no order of all jobs
    _field({}, terms["name"])
    jobs.sort(
        key=lambda job: ((value := _field(job, terms["name"])) is not None, value if value is not None else 0),
        reverse=terms["sortOrder"] == "DESCENDING",
    )


def _field(job: dict[str, Any], name: str) -> Any:
    if name not in _FIELDS:
        raise ValidationError(f"Jobs cannot be searched by {name}.", {"name": f"must be one of {', '.join(_FIELDS)}"})
    return job.get(_FIELDS[name])


def _seconds(moment: Any) -> float:
    return (
        datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() if isinstance(moment, str) else float(moment)
    )


OPERATIONS = {"SearchJobs": search_jobs}
