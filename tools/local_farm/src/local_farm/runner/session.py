"""A session: one worker runs tasks of one job.

In order: the job's input files are brought in, the environments of the queue and of the job are entered, and tasks run
as long as the job has any that are ready, each in the environments of its step. A session ends with the first action that does
not succeed, as the service's do; the task may then be tried in another session. At the end the environments are left
in reverse order.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import shutil
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from openjd.sessions import ActionState, ActionStatus

from local_farm.expansion import decode_row, queue_environments
from local_farm.job_templates import DecodedJob, TemplateError
from local_farm.runner import actions, outcomes, workers
from local_farm.runner.attachments import AttachmentsFailure, SessionAttachments, open_attachments
from local_farm.runner.aws import FarmSession
from local_farm.runner.claims import ClaimedSession, ClaimedTask, claim_task
from local_farm.runner.logs import SESSION_LOG, SessionLogs
from local_farm.runner.process_environment import session_environment, task_environment
from local_farm.runner.runtime import AT_ONCE, Runtime
from local_farm.state.database import Database
from local_farm.state.sessions import is_asked_to_end

EXIT_SECONDS_AT_STOP = 5.0
"""How long an environment may take to be left while the farm stops."""

PROGRESS_INTERVAL = 0.5
"""Seconds between two notes of an action's progress."""

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class SessionContext:
    """What the sessions of a farm share."""

    database: Database
    logs: SessionLogs
    aws: FarmSession
    farm_environment: Mapping[str, str]
    sessions_root: Path
    settled: Callable[[], None]
    """Called when tasks have moved on, so that others look for work."""


@dataclasses.dataclass(frozen=True)
class _Result:
    """How an action ended."""

    outcome: str
    exit_code: int | None = None
    message: str | None = None
    manifests: list[dict[str, str]] | None = None


class _SessionEnds(Exception):
    """An action did not succeed; its task goes with it."""

    def __init__(self, outcome: str, action_id: str | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.action_id = action_id


@dataclasses.dataclass(frozen=True)
class _Entered:
    """An environment that has been entered."""

    identifier: str
    environment_id: str
    step_name: str | None


class JobSession:
    """Runs a claimed session in the thread that calls :meth:`run`; the other methods may be called from any thread."""

    def __init__(self, claimed: ClaimedSession, context: SessionContext) -> None:
        self._claimed = claimed
        self._context = context
        self._folder = context.sessions_root / claimed.session_id
        self._lock = threading.Lock()
        self._task: ClaimedTask | None = claimed.first_task
        self._action_id: str | None = None
        self._canceled = threading.Event()
        self._asked_to_end = threading.Event()
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._runtime: Runtime | None = None
        self._attachments: SessionAttachments | None = None
        self._decoded: DecodedJob
        self._entered: list[_Entered] = []
        self._step_id: str | None = None
        self._progress_noted = 0.0

    def run(self) -> None:
        """Run the session to its end; never raises."""
        self._context.logs.open_stream(self._claimed.log_group, self._claimed.session_id)
        try:
            self.interrupt_if_unwanted()
            self._run_tasks()
        except _SessionEnds as end:
            self._let_go(end.outcome, end.action_id)
        except Exception as error:
            _log.exception("Session %s of job %s failed", self._claimed.session_id, self._claimed.job_id)
            self._say(f"The local farm could not run this session: {error}")
            self._let_go("FAILED")
        finally:
            self._end()

    def interrupt_if_unwanted(self) -> None:
        """Cancel the running task if its target says that it shall not go on, or somebody wants the session to end."""
        with self._lock:
            if self._canceled.is_set() or self._asked_to_end.is_set():
                return
            task, action_id = self._task, self._action_id
            with self._context.database.transaction() as db:
                ending = self._is_asked_to_end(db)
                if not ending and (task is None or outcomes.unwanted_target(db, task.task_id) is None):
                    return
                if task is not None:
                    outcomes.task_interrupting(db, task.task_id)
                    if action_id is not None:
                        actions.cancel_requested(db, action_id)
            (self._asked_to_end if ending else self._canceled).set()
            if self._runtime is not None and task is not None:
                self._runtime.cancel()

    def stop(self) -> None:
        """The farm stops: kill what runs, leave the environments quickly, let the task be run again."""
        self._stopping.set()
        self._kill()

    def abandon(self) -> None:
        """Do not even leave the environments any more."""
        self._abandoned.set()
        self._kill()

    def _kill(self) -> None:
        with self._lock:
            if self._runtime is not None:
                self._runtime.cancel(AT_ONCE)

    def _run_tasks(self) -> None:
        self._prepare()
        if self._attachments is not None:
            self._perform({"syncInputJobAttachments": {}}, self._bring_inputs)
        for template in self._decoded.queue_environments:
            self._enter(template.environment, f"JOB:{self._claimed.job_id}", None)
        for environment in self._decoded.job.jobEnvironments or ():
            self._enter(environment, f"JOB:{self._claimed.job_id}", None)
        task: ClaimedTask | None = self._claimed.first_task
        while task is not None:
            self._change_step(task)
            self._run_task(task)
            self._let_go("SUCCEEDED")
            task = self._take_next_task(task.step_id)

    def _prepare(self) -> None:
        """Everything before the first action: the folder, the decoded job, the mapping of paths, the runtime."""
        with self._context.database.transaction() as db:
            job = db.execute("SELECT * FROM jobs WHERE job_id = ?", (self._claimed.job_id,)).fetchone()
            environments = queue_environments(db, self._claimed.queue_id)
        try:
            self._decoded = decode_row(job, environments)
            self._folder.mkdir(parents=True)
            self._attachments = open_attachments(self._context.database, self._context.aws, self._claimed, self._folder)
        except (TemplateError, AttachmentsFailure) as error:
            self._say(str(error))
            raise _SessionEnds("FAILED") from error
        runtime = Runtime(
            session_id=self._claimed.session_id,
            decoded=self._decoded,
            path_mapping_rules=self._attachments.path_mapping_rules if self._attachments else (),
            variables=session_environment(self._context.farm_environment, self._claimed),
            folder=self._folder,
            on_progress=self._note_progress,
        )
        with self._lock:
            self._runtime = runtime
            if self._unwanted:
                runtime.cancel(AT_ONCE)

    @property
    def _unwanted(self) -> bool:
        return self._stopping.is_set() or self._canceled.is_set() or self._asked_to_end.is_set()

    def _is_asked_to_end(self, db: sqlite3.Connection) -> bool:
        row = db.execute("SELECT * FROM sessions WHERE session_id = ?", (self._claimed.session_id,)).fetchone()
        # A session without a row went with its queue.
        return row is None or is_asked_to_end(row)

    # --- steps and tasks

    def _change_step(self, task: ClaimedTask) -> None:
        """Leave the environments of the last step and enter those of the task's."""
        if task.step_id == self._step_id:
            return
        while self._entered and self._entered[-1].step_name is not None:
            self._exit(self._entered.pop(), last=False)
        self._step_id = task.step_id
        if self._attachments is not None and self._attachments.depends_on_outputs(task.step_id):
            self._perform({"syncInputJobAttachments": {"stepId": task.step_id}}, self._bring_outputs_of_dependencies)
        for environment in self._decoded.step(task.step_name).stepEnvironments or ():
            self._enter(environment, f"STEP:{task.step_id}", task.step_name)

    def _run_task(self, task: ClaimedTask) -> None:
        definition = {"taskRun": {"taskId": task.task_id, "stepId": task.step_id, "parameters": task.parameters}}
        started_at = time.time()

        def run(action_id: str) -> _Result:
            with self._context.database.transaction() as db:
                outcomes.task_started(db, task.task_id, action_id)
            status = self._open_runtime.run_task(task.step_name, task.parameters, task_environment(task, action_id))
            result = self._result(status)
            if result.outcome != "SUCCEEDED" or self._attachments is None:
                return result
            manifests = self._attachments.send_outputs(
                task, action_id=action_id, started_at=started_at, say=self._say, wanted=self._is_wanted
            )
            return dataclasses.replace(result, manifests=manifests)

        self._perform(definition, run, task_id=task.task_id)

    def _take_next_task(self, step_id: str) -> ClaimedTask | None:
        if self._stopping.is_set() or self._asked_to_end.is_set():
            return None
        with self._context.database.transaction() as db:
            if self._is_asked_to_end(db):
                return None
            task = claim_task(db, self._claimed.job_id, step_id=step_id)
        with self._lock:
            self._task = task
            self._canceled.clear()
            if not self._stopping.is_set():
                # Whoever wanted the last task canceled came too late.
                self._open_runtime.forget_cancelation()
        # Somebody may have asked between the claim and now, when this session did not hold the task yet.
        self.interrupt_if_unwanted()
        return task

    def _let_go(self, outcome: str, action_id: str | None = None) -> None:
        """Give the task back, if one is held."""
        with self._lock:
            task, self._task = self._task, None
        if task is not None:
            with self._context.database.transaction() as db:
                outcomes.task_ended(db, task.task_id, outcome, action_id=action_id)
            self._context.settled()

    # --- environments

    def _enter(self, environment: Any, owner: str, step_name: str | None) -> None:
        environment_id = f"{owner}:{environment.name}"

        def enter(_action_id: str) -> _Result:
            identifier, status = self._open_runtime.enter(environment, step_name)
            # One that could not be entered is left all the same: it may have begun something.
            self._entered.append(_Entered(identifier, environment_id, step_name))
            return self._result(status)

        self._perform({"envEnter": {"environmentId": environment_id}}, enter)

    def _exit(self, entered: _Entered, *, last: bool) -> None:
        time_limit = EXIT_SECONDS_AT_STOP if self._stopping.is_set() else None

        def leave(_action_id: str) -> _Result:
            status = self._open_runtime.exit(entered.identifier, entered.step_name, time_limit=time_limit, last=last)
            return self._result(status)

        self._perform({"envExit": {"environmentId": entered.environment_id}}, leave)

    # --- attachments

    def _bring_inputs(self, _action_id: str) -> _Result:
        assert self._attachments is not None
        self._attachments.bring_inputs(say=self._say, wanted=self._is_wanted)
        return _Result("SUCCEEDED")

    def _bring_outputs_of_dependencies(self, _action_id: str) -> _Result:
        assert self._attachments is not None
        assert self._step_id is not None
        self._attachments.bring_outputs_of_dependencies(self._step_id, say=self._say, wanted=self._is_wanted)
        return _Result("SUCCEEDED")

    def _is_wanted(self) -> bool:
        return not self._unwanted

    # --- actions

    def _perform(
        self, definition: Mapping[str, Any], action: Callable[[str], _Result], *, task_id: str | None = None
    ) -> None:
        """Run an action and record it; raises :class:`_SessionEnds` when it does not succeed."""
        if self._unwanted and "envExit" not in definition:
            # An action without a process, such as an environment of variables alone, cannot be canceled on its way.
            raise _SessionEnds(self._failure())
        database = self._context.database
        with database.transaction() as db:
            action_id = actions.begin_action(
                db,
                session_id=self._claimed.session_id,
                job_id=self._claimed.job_id,
                definition=definition,
                task_id=task_id,
            )
        with self._lock:
            self._action_id = action_id
        try:
            result = action(action_id)
        except AttachmentsFailure as failure:
            self._say(str(failure))
            result = _Result(self._failure(), message=str(failure))
        except Exception as error:
            _log.exception("An action of session %s of job %s failed", self._claimed.session_id, self._claimed.job_id)
            message = f"The local farm could not run this action: {error!r}"
            self._say(message)
            result = _Result(self._failure(), message=message)
        with self._lock:
            self._action_id = None
        self._context.logs.flush_session(self._claimed.session_id)
        with database.transaction() as db:
            actions.end_action(
                db,
                action_id,
                result.outcome,
                exit_code=result.exit_code,
                message=result.message,
                manifests=result.manifests,
            )
        if result.outcome != "SUCCEEDED":
            raise _SessionEnds(result.outcome, action_id)

    def _result(self, status: ActionStatus) -> _Result:
        outcome = "SUCCEEDED" if status.state is ActionState.SUCCESS else self._failure()
        message = status.fail_message or status.status_message
        if status.state is ActionState.TIMEOUT:
            message = message or "The action took longer than its timeout."
        return _Result(outcome, exit_code=status.exit_code, message=message)

    def _failure(self) -> str:
        if self._stopping.is_set() or self._asked_to_end.is_set():
            return "INTERRUPTED"
        return "CANCELED" if self._canceled.is_set() else "FAILED"

    def _note_progress(self, status: ActionStatus) -> None:
        now = time.monotonic()
        action_id = self._action_id
        reported = status.progress is not None or status.status_message is not None
        if action_id is None or not reported or now - self._progress_noted < PROGRESS_INTERVAL:
            return
        self._progress_noted = now
        with self._context.database.transaction() as db:
            actions.note_progress(db, action_id, percent=status.progress, message=status.status_message)

    @property
    def _open_runtime(self) -> Runtime:
        assert self._runtime is not None
        return self._runtime

    def _say(self, line: str) -> None:
        """Write to the session's log."""
        SESSION_LOG.info("%s", line, extra={"session_id": self._claimed.session_id})

    # --- the end

    def _end(self) -> None:
        for step in self._last_steps():
            try:
                step()
            except _SessionEnds:
                # An environment that cannot be left is in the log; the others are left all the same.
                continue
            except Exception as error:
                _log.exception("Session %s could not be ended cleanly", self._claimed.session_id)
                self._say(f"The local farm could not end this session cleanly: {error}")

    def _last_steps(self) -> Iterator[Callable[[], None]]:
        while self._entered and not self._abandoned.is_set():
            entered = self._entered.pop()
            yield functools.partial(self._exit, entered, last=True)
        yield self._close_runtime
        yield functools.partial(shutil.rmtree, self._folder, ignore_errors=True)
        yield functools.partial(self._context.logs.close_stream, self._claimed.session_id)
        yield self._record_end

    def _close_runtime(self) -> None:
        with self._lock:
            runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()

    def _record_end(self) -> None:
        with self._context.database.transaction() as db:
            db.execute(
                "UPDATE sessions SET lifecycle_status = 'ENDED', ended_at = ? WHERE session_id = ?",
                (time.time(), self._claimed.session_id),
            )
            workers.set_status(db, self._claimed.worker_id, "IDLE")
        self._context.settled()
