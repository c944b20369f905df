"""The session action with which a job began to fail.

Failed tasks are looked at first, for there the service says what was last tried; where there are none (the job goes on
trying, or no task was reached) the sessions are walked through.
"""

from __future__ import annotations

import datetime
from typing import Any, Dict, Iterable, List, Mapping, Optional

from .job_completion import session_of_action
from .paging import call_paginated_list_api
from .task_parameters import only_member

MOST_SESSIONS = 200
"""In how many sessions to look for a failed action where no task tells of one."""

_FAILED = "FAILED"


class FailedActionSearch:
    """Asks the service for the failed action of a job that ended first."""

    def __init__(self, client: Any, farm_id: str, queue_id: str, job_id: str) -> None:
        self._client = client
        self._ids = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
        self._steps: Optional[List[Dict[str, Any]]] = None

    def job(self) -> Dict[str, Any]:
        """The answer of GetJob."""
        answer: Dict[str, Any] = self._client.get_job(**self._ids)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def failed_action(self) -> Optional[Dict[str, Any]]:
        """The failed action that ended first: of the task that failed first where one has, else of any session."""
        task = self._first_failed_task()
        if task is None:
            return self._failed_action_of_any_session()
        runs = self._actions(taskId=task["taskId"])
        failed = _first(run for run in runs if run["status"] == _FAILED)
        latest = task.get("latestSessionActionId")
        if failed is None and latest:
            # Not the task itself failed but what has to go before it.
            session_id = session_of_action(latest) or ""
            failed = _first(action for action in self._actions(sessionId=session_id) if action["status"] == _FAILED)
        if failed is None:
            failed = next((run for run in runs if run["sessionActionId"] == latest), runs[-1] if runs else None)
        return None if failed is None else {**failed, "task": task}

    def describe(self, action: Mapping[str, Any]) -> Dict[str, Any]:
        """The members of :class:`~.job_failure.JobFailure` that an action has."""
        action_id = action["sessionActionId"]
        details = self._client.get_session_action(**self._ids, sessionActionId=action_id)
        session = self._client.get_session(**self._ids, sessionId=details["sessionId"])
        kind, definition = only_member(details["definition"])
        task: Mapping[str, Any] = action.get("task") or {}
        step_id = definition.get("stepId") or task.get("stepId")
        return {
            "message": details.get("progressMessage"),
            "step_id": step_id,
            "step_name": next((step["name"] for step in self._all_steps() if step["stepId"] == step_id), None),
            "task_id": definition.get("taskId") or task.get("taskId"),
            "parameters": definition.get("parameters") or task.get("parameters"),
            "session_action_id": action_id,
            "action_kind": kind or None,
            "environment": str(definition.get("environmentId", "")).rpartition(":")[2] or None,
            "exit_code": details.get("processExitCode"),
            "started_at": details.get("startedAt"),
            "ended_at": details.get("endedAt"),
            "session_id": details["sessionId"],
            "worker_id": session.get("workerId"),
            "fleet_id": session.get("fleetId"),
            "host_name": (session.get("hostProperties") or {}).get("hostName"),
        }

    def _first_failed_task(self) -> Optional[Dict[str, Any]]:
        failed = [
            {**task, "stepId": step["stepId"]}
            for step in self._all_steps()
            if (step.get("taskRunStatusCounts") or {}).get(_FAILED)
            for task in call_paginated_list_api(self._client.list_tasks, "tasks", **self._ids, stepId=step["stepId"])[
                "tasks"
            ]
            if task["runStatus"] == _FAILED
        ]
        return _first(failed)

    def _failed_action_of_any_session(self) -> Optional[Dict[str, Any]]:
        sessions = call_paginated_list_api(self._client.list_sessions, "sessions", **self._ids)["sessions"]
        sessions.sort(key=_began)
        # Sessions overlap, so one that began later may have failed earlier, but none that began after the failure.
        found: Optional[Dict[str, Any]] = None
        for session in sessions[:MOST_SESSIONS]:
            if found is not None and _began(session) > _ended(found):
                break
            actions = self._actions(sessionId=session["sessionId"])
            failed = [action for action in actions if action["status"] == _FAILED]
            found = _first([*failed, *([found] if found else [])])
        return found

    def _all_steps(self) -> List[Dict[str, Any]]:
        if self._steps is None:
            self._steps = call_paginated_list_api(self._client.list_steps, "steps", **self._ids)["steps"]
        return self._steps

    def _actions(self, **which: str) -> List[Dict[str, Any]]:
        actions: List[Dict[str, Any]] = call_paginated_list_api(
            self._client.list_session_actions, "sessionActions", **self._ids, **which
        )["sessionActions"]
        return actions


def _first(items: Iterable[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """The task or action that ended first."""
    return min(items, key=_ended, default=None)


def _ended(item: Mapping[str, Any]) -> datetime.datetime:
    return _moment(item.get("endedAt") or item.get("startedAt"))


def _began(item: Mapping[str, Any]) -> datetime.datetime:
    return _moment(item.get("startedAt"))


def _moment(moment: Optional[datetime.datetime]) -> datetime.datetime:
    return moment or datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
