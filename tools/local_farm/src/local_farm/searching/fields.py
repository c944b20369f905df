"""What can be searched: the rows, and the fields by which they are found and put in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from local_farm.protocol.errors import ValidationError
from local_farm.state.ids import CALLER
from local_farm.state.statuses import status_in_sql

TEXT, NUMBER, TIME = "text", "number", "time"


@dataclass(frozen=True)
class Field:
    """A field, as an SQL expression; times are seconds since the epoch."""

    sql: str
    kind: str = TEXT


@dataclass(frozen=True)
class Searchable:
    """A kind of resources that can be searched."""

    noun: str
    columns: str
    source: str
    """What stands behind FROM."""
    queue: str
    """The column with the queue, or for workers the fleet."""
    id_: str
    created_at: str
    fields: Mapping[str, Field]
    text: str
    """What a search term is looked for in."""
    parameters: str = "NULL"
    """JSON with the parameters by name, each the service's union."""

    def field(self, name: str) -> Field:
        """The field called ``name``; raises :class:`ValidationError`, with the names that there are."""
        found = self.fields.get(name)
        if found is None:
            raise ValidationError(
                f"{self.noun.capitalize()} cannot be searched by {name}.",
                {"name": f"must be one of {', '.join(self.fields)}"},
            )
        return found


def _times(table: str) -> dict[str, Field]:
    return {
        "CREATED_AT": Field(f"{table}.created_at", TIME),
        "STARTED_AT": Field(f"{table}.started_at", TIME),
        "ENDED_AT": Field(f"{table}.ended_at", TIME),
    }


_CREATED_BY = Field(f"COALESCE(json_extract(jobs.doc, '$.createdBy'), '{CALLER}')")

JOBS = Searchable(
    noun="jobs",
    columns="jobs.*",
    source="jobs",
    queue="jobs.queue_id",
    id_="jobs.job_id",
    created_at="jobs.created_at",
    fields={
        "JOB_ID": Field("jobs.job_id"),
        "QUEUE_ID": Field("jobs.queue_id"),
        "NAME": Field("jobs.name"),
        "JOB_NAME": Field("jobs.name"),
        "PRIORITY": Field("jobs.priority", NUMBER),
        "LIFECYCLE_STATUS": Field("jobs.lifecycle_status"),
        "TASK_RUN_STATUS": Field(status_in_sql("tasks.job_id = jobs.job_id")),
        "TARGET_TASK_RUN_STATUS": Field("jobs.target_status"),
        "CREATED_BY": _CREATED_BY,
        "UPDATED_AT": Field("jobs.updated_at", TIME),
        "SOURCE_JOB_ID": Field("json_extract(jobs.doc, '$.sourceJobId')"),
        "MAX_FAILED_TASKS_COUNT": Field("json_extract(jobs.doc, '$.maxFailedTasksCount')", NUMBER),
        "MAX_RETRIES_PER_TASK": Field("json_extract(jobs.doc, '$.maxRetriesPerTask')", NUMBER),
        "MAX_WORKER_COUNT": Field("json_extract(jobs.doc, '$.maxWorkerCount')", NUMBER),
        **_times("jobs"),
    },
    text="jobs.name || ' ' || jobs.job_id",
    parameters="json_extract(jobs.doc, '$.parameters')",
)

STEPS = Searchable(
    noun="steps",
    columns="steps.*, jobs.queue_id",
    source="steps JOIN jobs USING (job_id)",
    queue="jobs.queue_id",
    id_="steps.step_id",
    created_at="steps.created_at, steps.position",
    fields={
        "STEP_ID": Field("steps.step_id"),
        "JOB_ID": Field("jobs.job_id"),
        "QUEUE_ID": Field("jobs.queue_id"),
        "NAME": Field("steps.name"),
        "STEP_NAME": Field("steps.name"),
        "JOB_NAME": Field("jobs.name"),
        "LIFECYCLE_STATUS": Field("COALESCE(json_extract(steps.doc, '$.lifecycleStatus'), 'CREATE_COMPLETE')"),
        "TASK_RUN_STATUS": Field(status_in_sql("tasks.step_id = steps.step_id")),
        "TARGET_TASK_RUN_STATUS": Field("steps.target_status"),
        "CREATED_BY": _CREATED_BY,
        **_times("steps"),
    },
    text="steps.name || ' ' || steps.step_id",
)

TASKS = Searchable(
    noun="tasks",
    columns="tasks.*, jobs.queue_id",
    source="tasks JOIN jobs USING (job_id)",
    queue="jobs.queue_id",
    id_="tasks.task_id",
    created_at="tasks.created_at, tasks.step_id, tasks.position",
    fields={
        "TASK_ID": Field("tasks.task_id"),
        "STEP_ID": Field("tasks.step_id"),
        "JOB_ID": Field("jobs.job_id"),
        "QUEUE_ID": Field("jobs.queue_id"),
        "JOB_NAME": Field("jobs.name"),
        "RUN_STATUS": Field("tasks.run_status"),
        "TARGET_RUN_STATUS": Field("tasks.target_status"),
        "FAILURE_RETRY_COUNT": Field("tasks.failure_retry_count", NUMBER),
        "LATEST_SESSION_ACTION_ID": Field("tasks.latest_session_action_id"),
        "CREATED_BY": _CREATED_BY,
        **_times("tasks"),
    },
    text="tasks.task_id || ' ' || tasks.parameters",
    parameters="tasks.parameters",
)

WORKERS = Searchable(
    noun="workers",
    columns="workers.*",
    source="(SELECT * FROM resources WHERE kind = 'worker') AS workers",
    queue="workers.parent_id",
    id_="workers.id",
    created_at="workers.created_at",
    fields={
        "WORKER_ID": Field("workers.id"),
        "FLEET_ID": Field("workers.parent_id"),
        "STATUS": Field("json_extract(workers.doc, '$.status')"),
        "HOST_NAME": Field("json_extract(workers.doc, '$.hostProperties.hostName')"),
        "CREATED_BY": Field(f"'{CALLER}'"),
        "CREATED_AT": Field("workers.created_at", TIME),
        "UPDATED_AT": Field("json_extract(workers.doc, '$.updatedAt')", TIME),
    },
    text="workers.id || ' ' || COALESCE(json_extract(workers.doc, '$.hostProperties.hostName'), '')",
)
