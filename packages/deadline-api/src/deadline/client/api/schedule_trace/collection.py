"""The sessions of a job, with their actions and what these were about, from the service."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError

from ..paging import call_paginated_list_api
from ..pauses import pause
from ..service_client import deadline_client, described_errors, error_code
from ..task_parameters import only_member
from .schedule import TASK_RUN, JobSchedule, MissingItem, ScheduledAction, ScheduledSession

CALLS_AT_ONCE = 8
ITEMS_OF_A_CALL = 100

_PAUSES_BEFORE_ROUNDS = (0.0, 0.5, 1.0)
_PASSING_CODES = ("ThrottlingException", "InternalServerErrorException")
_NO_BATCHES = ("AccessDeniedException", "UnknownOperationException", "ValidationException")
"""Where the service refuses to be asked for many at once, lists do."""

ProgressCallback = Callable[[str, int, int], None]


def collect_schedule(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    progress_callback: Optional[ProgressCallback] = None,
    continue_callback: Optional[Callable[[], bool]] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobSchedule:
    """Ask the service for the sessions of a job and for what they did.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        progress_callback: Gets what is being fetched (``sessions``, ``actions``, ``steps`` or ``tasks``), how many
            requests were answered, and how many there are, in the thread that calls this.
        continue_callback: Says whether to go on; asked between requests.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such job, it has not begun, or the service refused.
        DeadlineOperationCanceled: ``continue_callback`` said no.
    """
    where: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id}
    with described_errors(f"trace the schedule of job {job_id}", **where, config=config, region=region):
        client = deadline_client(farm_id, config, region, patient=True)
        collector = _Collector(
            client,
            {"farmId": farm_id, "queueId": queue_id, "jobId": job_id},
            progress_callback or (lambda what, done, total: None),
            continue_callback or (lambda: True),
        )
        return collector.collect()


class _Collector:
    def __init__(
        self, client: Any, ids: Dict[str, str], on_progress: ProgressCallback, go_on: Callable[[], bool]
    ) -> None:
        self._client = client
        self._ids = ids
        self._on_progress = on_progress
        self._go_on = go_on
        self._missing: List[MissingItem] = []

    def collect(self) -> JobSchedule:
        job = {name: value for name, value in self._client.get_job(**self._ids).items() if name != "ResponseMetadata"}
        if not job.get("startedAt"):
            raise DeadlineOperationError(
                f"Job {self._ids['jobId']} has not begun to run, so that there is no schedule to trace yet.\n"
                f"See what it waits for: deadline job why --job-id {self._ids['jobId']}"
            )
        sessions = self._sessions()
        runs = [run for _, actions in sessions for run in _task_runs(actions)]
        steps = self._steps({run["stepId"] for run in runs if "stepId" in run})
        tasks = self._tasks({(run["stepId"], run["taskId"]) for run in runs if run.get("taskId")})
        return JobSchedule(
            farm_id=self._ids["farmId"],
            queue_id=self._ids["queueId"],
            job=job,
            sessions=tuple(
                _session(index, session, actions, steps, tasks) for index, (session, actions) in enumerate(sessions)
            ),
            steps=steps,
            tasks=tasks,
            missing=tuple(self._missing),
            taken_at=datetime.datetime.now(datetime.timezone.utc),
        )

    def _sessions(self) -> List[Tuple[Dict[str, Any], List[Dict[str, Any]]]]:
        """The sessions, in their order, each with its actions."""
        self._on_progress("sessions", 0, 1)
        sessions = call_paginated_list_api(self._client.list_sessions, "sessions", **self._ids)["sessions"]
        self._on_progress("sessions", 1, 1)
        never = datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
        sessions.sort(key=lambda session: session.get("startedAt") or never)

        def actions_of(session: Dict[str, Any]) -> List[Dict[str, Any]]:
            found: List[Dict[str, Any]] = call_paginated_list_api(
                self._client.list_session_actions, "sessionActions", **self._ids, sessionId=session["sessionId"]
            )["sessionActions"]
            return found

        return list(zip(sessions, self._each("actions", actions_of, sessions)))

    def _steps(self, step_ids: Iterable[str]) -> Dict[str, Dict[str, Any]]:
        identifiers = [{**self._ids, "stepId": step_id} for step_id in sorted(step_ids)]
        found = self._many("step", identifiers)
        if found is None:
            steps = call_paginated_list_api(self._client.list_steps, "steps", **self._ids)["steps"]
            found = {step["stepId"]: step for step in steps}
        return found

    def _tasks(self, tasks: Iterable[Tuple[str, str]]) -> Dict[str, Dict[str, Any]]:
        pairs = sorted(tasks)
        identifiers = [{**self._ids, "stepId": step_id, "taskId": task_id} for step_id, task_id in pairs]
        found = self._many("task", identifiers)
        if found is not None:
            return found

        def tasks_of(step_id: str) -> List[Dict[str, Any]]:
            listed: List[Dict[str, Any]] = call_paginated_list_api(
                self._client.list_tasks, "tasks", **self._ids, stepId=step_id
            )["tasks"]
            return listed

        listed = self._each("tasks", tasks_of, sorted({step_id for step_id, _ in pairs}))
        wanted = {task_id for _, task_id in pairs}
        return {task["taskId"]: task for page in listed for task in page if task["taskId"] in wanted}

    def _many(self, kind: str, identifiers: List[Dict[str, str]]) -> Optional[Dict[str, Dict[str, Any]]]:
        """Steps or tasks by their ids, many with each request; ``None`` where the service cannot be asked that way."""
        from botocore.exceptions import ClientError

        ask = getattr(self._client, f"batch_get_{kind}", None)
        if ask is None:  # the model of an old release of botocore
            return None
        key = f"{kind}Id"
        found: Dict[str, Dict[str, Any]] = {}
        errors: List[Dict[str, Any]] = []
        for seconds in _PAUSES_BEFORE_ROUNDS:
            if not identifiers:
                break
            if not pause(seconds, self._go_on):
                raise DeadlineOperationCanceled
            calls = [
                identifiers[start : start + ITEMS_OF_A_CALL] for start in range(0, len(identifiers), ITEMS_OF_A_CALL)
            ]
            try:
                answers = self._each(f"{kind}s", lambda call: ask(identifiers=call), calls)
            except ClientError as error:
                if error_code(error) in _NO_BATCHES:
                    return None
                raise
            found.update((item[key], item) for answer in answers for item in answer[f"{kind}s"])
            failed = [error for answer in answers for error in answer["errors"]]
            again = {error[key] for error in failed if error["code"] in _PASSING_CODES}
            errors = [error for error in errors if error["code"] not in _PASSING_CODES] + failed
            identifiers = [identifier for identifier in identifiers if identifier[key] in again]
        self._missing += [MissingItem(kind, error[key], error["code"], error["message"]) for error in errors]
        return found

    def _each(self, what: str, function: Callable[[Any], Any], items: Sequence[Any]) -> List[Any]:
        """What a function returns for each item; it is called for several at once."""
        results = []
        with ThreadPoolExecutor(CALLS_AT_ONCE, f"trace-{what}") as pool:
            futures = [pool.submit(function, item) for item in items]
            try:
                for number, future in enumerate(futures):
                    if not self._go_on():
                        raise DeadlineOperationCanceled
                    results.append(future.result())
                    self._on_progress(what, number + 1, len(futures))
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
        return results


def _task_runs(actions: Iterable[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    return [action["definition"][TASK_RUN] for action in actions if TASK_RUN in action["definition"]]


def _session(
    index: int,
    session: Mapping[str, Any],
    actions: Iterable[Mapping[str, Any]],
    steps: Mapping[str, Mapping[str, Any]],
    tasks: Mapping[str, Mapping[str, Any]],
) -> ScheduledSession:
    scheduled = tuple(_action(action, tasks) for action in actions)
    run_steps = dict.fromkeys(action.step_id or "" for action in scheduled if action.kind == TASK_RUN)
    names = [str(steps[step_id]["name"]) for step_id in run_steps if step_id in steps]
    return ScheduledSession(
        index=index,
        session_id=session["sessionId"],
        worker_id=session["workerId"],
        fleet_id=session["fleetId"],
        lifecycle_status=session["lifecycleStatus"],
        started_at=session.get("startedAt"),
        ended_at=session.get("endedAt"),
        actions=scheduled,
        step_name=", ".join(names) or None,
    )


def _action(action: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]]) -> ScheduledAction:
    kind, definition = only_member(action["definition"])
    task = tasks.get(definition.get("taskId", ""), {})
    return ScheduledAction(
        action_id=action["sessionActionId"],
        kind=kind or "unknown",
        status=action["status"],
        started_at=action.get("startedAt"),
        ended_at=action.get("endedAt"),
        definition=definition,
        parameters=definition.get("parameters") or task.get("parameters") or {},
    )
