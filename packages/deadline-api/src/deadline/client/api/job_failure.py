"""Why a job failed: its first failure, in a screenful; others tend to follow from it."""

from __future__ import annotations

import datetime
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationError

from .failed_actions import FailedActionSearch
from .log_excerpts import NOTHING, LogExcerpt, excerpt
from .service_client import deadline_client, described_errors
from .session_logs import session_log_stream
from .task_parameters import describe_parameters, parameter_values

LAST_LINES = 30
ERROR_LINES = 10

_LINES_LOOKED_THROUGH = 2_000
_NEVER_CREATED = ("CREATE_FAILED", "UPLOAD_FAILED")
_KINDS = {
    "taskRun": "running a task",
    "envEnter": "entering an environment",
    "envExit": "leaving an environment",
    "syncInputJobAttachments": "fetching job attachments",
}
_SIGNALS = {6: "abort", 9: "kill", 11: "segmentation fault", 15: "terminate"}
_SEE_WORKER = (-9, -15, 137, 143)
"""Exit codes of processes that somebody else ended: the operating system for want of memory, or a host that went."""


@dataclass(frozen=True)
class JobFailure:
    """The first failure of a job. Members are ``None`` where the service knows nothing of the kind."""

    farm_id: str
    queue_id: str
    job: Mapping[str, Any]
    """The answer of GetJob."""
    failed_task_count: int
    """How many of the job's tasks have failed."""
    message: Optional[str] = None
    """What the service, or the process, says about it."""
    step_id: Optional[str] = None
    step_name: Optional[str] = None
    task_id: Optional[str] = None
    parameters: Optional[Mapping[str, Mapping[str, Any]]] = None
    """Those of the task, as the service gives them."""
    session_action_id: Optional[str] = None
    action_kind: Optional[str] = None
    """``taskRun``, ``envEnter``, ``envExit`` or ``syncInputJobAttachments``."""
    environment: Optional[str] = None
    """The environment that could not be entered or left."""
    exit_code: Optional[int] = None
    started_at: Optional[datetime.datetime] = None
    ended_at: Optional[datetime.datetime] = None
    session_id: Optional[str] = None
    worker_id: Optional[str] = None
    fleet_id: Optional[str] = None
    host_name: Optional[str] = None
    log_group: Optional[str] = None
    log: LogExcerpt = NOTHING
    """What the action logged."""
    log_problem: Optional[str] = None
    """Why the log could not be read."""

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.job["jobId"])

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return str(self.job.get("name") or self.job.get("displayName") or self.job_id)

    @property
    def exit_code_meaning(self) -> Optional[str]:
        """What the exit code says, where it is one that is known."""
        code = self.exit_code
        if code is None or code == 0:
            return None
        number = -code if code < 0 else code - 128
        if number in _SIGNALS:
            return f"ended by signal {number} ({_SIGNALS[number]})"
        return {126: "the command could not be executed", 127: "the command was not found"}.get(code)

    @property
    def hints(self) -> List[str]:
        """Where to look further, in sentences."""
        hints = []
        if self.exit_code in _SEE_WORKER:
            hints.append(
                "The process may have been ended from outside: for want of memory, or because the host went away. The "
                f"log of worker {self.worker_id} tells."
            )
        if self.failed_task_count > 1:
            hints.append(f"{self.failed_task_count} tasks have failed; this is the first of them.")
        return hints

    def describe(self) -> str:
        """The failure for people: a screenful."""
        status = self.job.get("taskRunStatus") or self.job.get("lifecycleStatus")
        lines = [f"Job {self.job_name} ({self.job_id}) is {status}."]
        rows: Sequence[Tuple[str, Optional[str]]] = (
            ("Step", self.step_name or self.step_id),
            ("Task", _with_id(describe_parameters(self.parameters), self.task_id)),
            ("Failed at", _with_id(_KINDS.get(self.action_kind or "", self.action_kind or ""), self.session_action_id)),
            ("Environment", self.environment),
            ("Exit code", _with_id(*_texts(self.exit_code, self.exit_code_meaning))),
            ("Message", self.message),
            ("Started", _time(self.started_at)),
            ("Ended", _time(self.ended_at)),
            ("Session", self.session_id),
            ("Worker", _with_id(self.host_name or "", self.worker_id)),
        )
        lines += [f"  {name}: {value}" for name, value in rows if value]
        if self.log.error_lines:
            lines += ["Lines that look like errors:", *(f"  {event.message}" for event in self.log.error_lines)]
        if self.log.last_lines:
            lines += ["The last lines:", *(f"  {event.message}" for event in self.log.last_lines)]
        if self.log_problem:
            lines += ["The log could not be read:", f"  {self.log_problem}"]
        return "\n".join([*lines, *self.hints])

    def to_dict(self) -> Dict[str, Any]:
        """The failure for programs: values that JSON knows."""
        return {
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "jobId": self.job_id,
            "jobName": self.job_name,
            "taskRunStatus": self.job.get("taskRunStatus"),
            "failedTaskCount": self.failed_task_count,
            "message": self.message,
            "stepId": self.step_id,
            "stepName": self.step_name,
            "taskId": self.task_id,
            "parameters": None if self.parameters is None else dict(parameter_values(self.parameters)),
            "sessionActionId": self.session_action_id,
            "actionKind": self.action_kind,
            "environment": self.environment,
            "exitCode": self.exit_code,
            "exitCodeMeaning": self.exit_code_meaning,
            "startedAt": _time(self.started_at),
            "endedAt": _time(self.ended_at),
            "sessionId": self.session_id,
            "workerId": self.worker_id,
            "fleetId": self.fleet_id,
            "hostName": self.host_name,
            "logGroup": self.log_group,
            "errorLines": [event.message for event in self.log.error_lines],
            "lastLines": [event.message for event in self.log.last_lines],
            "logProblem": self.log_problem,
            "hints": self.hints,
        }


def find_job_failure(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    last_lines: int = LAST_LINES,
    error_lines: int = ERROR_LINES,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Optional[JobFailure]:
    """The first failure of a job, with what it logged.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        last_lines: How many of the last lines of its log to bring.
        error_lines: How many of the lines before to bring that look like errors.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Returns:
        The failure, or ``None`` where nothing has failed. A log that cannot be read is told by it.

    Raises:
        DeadlineOperationError: There is no such job, or the service refused.
    """
    context: Dict[str, Any] = {"config": config, "region": region}
    ids = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id}
    with described_errors(f"find out why job {job_id} failed", **ids, **context):
        client = deadline_client(farm_id, config, region, patient=True)
        search = FailedActionSearch(client, farm_id, queue_id, job_id)
        job = search.job()
        if job.get("lifecycleStatus") in _NEVER_CREATED:
            return JobFailure(farm_id, queue_id, job, 0, message=job.get("lifecycleStatusMessage"))
        found = search.failed_action()
        if found is None:
            return None
        members = search.describe(found)
    log, group, problem = _log(farm_id, queue_id, members, last_lines, error_lines, context)
    return JobFailure(
        farm_id,
        queue_id,
        job,
        (job.get("taskRunStatusCounts") or {}).get("FAILED", 0),
        **members,
        log_group=group,
        log=log,
        log_problem=problem,
    )


def _log(
    farm_id: str,
    queue_id: str,
    members: Mapping[str, Any],
    last_lines: int,
    error_lines: int,
    context: Mapping[str, Any],
) -> Tuple[LogExcerpt, Optional[str], Optional[str]]:
    """What an action logged, the log group, and why it could not be read, if so."""
    began, ended = members["started_at"], members["ended_at"]
    # The log keeps milliseconds, and leaves out what was logged in the last one unless the end lies after it.
    after = ended + datetime.timedelta(milliseconds=1) if ended else None
    try:
        with described_errors(f"get the log of {members['session_id']}", **context):
            stream = session_log_stream(
                farm_id, queue_id, members["session_id"], start_time=began, end_time=after, **context
            )
            page = stream.last_page(max(last_lines, _LINES_LOOKED_THROUGH))
    except DeadlineOperationError as error:
        return NOTHING, None, str(error)
    return excerpt(page.events, last_lines, error_lines), stream.group, None


def _time(moment: Optional[datetime.datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None


def _texts(*values: Any) -> Tuple[str, Optional[str]]:
    first, second = values
    return "" if first is None else str(first), second


def _with_id(text: str, identifier: Optional[str]) -> Optional[str]:
    if text and identifier:
        return f"{text} ({identifier})"
    return text or identifier
