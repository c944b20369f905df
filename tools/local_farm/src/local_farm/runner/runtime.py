"""One session of Open Job Description's runtime, with actions that are waited for.

The runtime starts an action's process and reports its end through a callback; :meth:`Runtime.run` turns that into a call
that returns when the action has ended, and :meth:`Runtime.cancel` may be called from any thread.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence, cast

from openjd.sessions import ActionState, ActionStatus, PathMappingRule, Session, SessionState

from local_farm import parameter_unions
from local_farm.job_templates import DecodedJob

AT_ONCE = timedelta(0)
"""Kill the process now, whatever its template says of cancelation."""

Progress = Callable[[ActionStatus], None]

_launching = threading.Lock()
"""Held while an action is started, by every farm of this process: the runtime writes a script and executes it, and a process
that another thread starts between the two would have the script open for writing, which the system then does not execute
("text file busy")."""


class Runtime:
    """Runs the actions of one session, one after the other.

    Arguments:
        folder: Where the session's working folder is made; exists.
        variables: Environment variables of the processes; ``None`` removes one.
        on_progress: Called in the thread that reads a process's output, for each ``openjd_progress`` and ``openjd_status``.
    """

    def __init__(
        self,
        *,
        session_id: str,
        decoded: DecodedJob,
        path_mapping_rules: Sequence[PathMappingRule],
        variables: Mapping[str, str | None],
        folder: Path,
        on_progress: Progress,
    ) -> None:
        self._decoded = decoded
        self._on_progress = on_progress
        self._reported = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._cancelation: tuple[timedelta | None] | None = None
        self._session = Session(
            session_id=session_id,
            job_name=decoded.job.name,
            job_parameter_values=decoded.parameters,
            path_mapping_rules=list(path_mapping_rules),
            # The runtime removes a variable whose value is None; its signature only names values.
            os_env_vars=cast("dict[str, str]", dict(variables)),
            session_root_directory=folder,
            callback=self._report,
            revision_extensions=decoded.extensions,
        )

    def enter(self, environment: Any, step_name: str | None = None) -> tuple[str, ActionStatus]:
        """Enter an environment; gives the identifier to leave it with, even when entering failed."""
        identifiers: list[str] = []
        status = self.run(
            lambda: identifiers.append(
                self._session.enter_environment(
                    environment=environment, step_name=step_name, resolved_symtab=self._symbols(step_name)
                )
            )
        )
        return identifiers[0], status

    def exit(self, identifier: str, step_name: str | None, *, time_limit: float | None, last: bool) -> ActionStatus:
        """Leave the environment that was entered last.

        Arguments:
            time_limit: Seconds after which the action is killed.
            last: The session runs no more tasks.
        """
        # What was canceled is over; leaving its environment is what puts things in order behind it.
        self.forget_cancelation()
        return self.run(
            lambda: self._session.exit_environment(
                identifier=identifier, keep_session_running=not last, resolved_symtab=self._symbols(step_name)
            ),
            time_limit=time_limit,
        )

    def run_task(
        self, step_name: str, parameters: Mapping[str, parameter_unions.Union], variables: Mapping[str, str]
    ) -> ActionStatus:
        """Run a task of a step."""
        return self.run(
            lambda: self._session.run_task(
                step_script=self._decoded.step(step_name).script,
                task_parameter_values=parameter_unions.from_unions(parameters),
                os_env_vars=dict(variables),
                step_name=step_name,
                resolved_symtab=self._symbols(step_name),
            )
        )

    def run(self, start: Callable[[], None], *, time_limit: float | None = None) -> ActionStatus:
        """Start an action and wait until it has ended."""
        with _launching:
            start()
        with self._lock:
            self._started = True
            self._apply_cancelation()
        try:
            if not self._has_ended(time_limit):
                self.cancel(AT_ONCE)
                self._has_ended(None)
        finally:
            with self._lock:
                self._started, self._cancelation = False, None
        status = self._session.action_status
        assert status is not None
        return status

    def cancel(self, time_limit: timedelta | None = None) -> None:
        """Cancel the running action, or the next one as soon as it runs.

        Arguments:
            time_limit: How long its process may take to end; without a limit what the template says holds.
        """
        with self._lock:
            self._cancelation = (time_limit,)
            self._apply_cancelation()

    def forget_cancelation(self) -> None:
        """Let the next action run, where the one that was to be canceled has ended on its own."""
        with self._lock:
            if not self._started:
                self._cancelation = None

    def close(self) -> None:
        """Remove the working folder and end the session."""
        self._session.cleanup()

    def _symbols(self, step_name: str | None) -> Any:
        return self._decoded.symbol_tables.get(step_name) if step_name else None

    def _has_ended(self, time_limit: float | None) -> bool:
        """Wait for the end of the action, ``time_limit`` seconds at most; whether it has come."""
        give_up_at = None if time_limit is None else time.monotonic() + time_limit
        while True:
            # Reports only wake: the one of the last action may come when this one runs already, and an environment
            # without a process has none.
            self._reported.clear()
            status = self._session.action_status
            ended = status is not None and status.state is not ActionState.RUNNING
            if ended and self._session.state is not SessionState.RUNNING:
                return True
            remaining = None if give_up_at is None else max(0.0, give_up_at - time.monotonic())
            if not self._reported.wait(remaining):
                return False

    def _apply_cancelation(self) -> None:
        if self._started and self._cancelation and self._session.state is SessionState.RUNNING:
            try:
                self._session.cancel_action(time_limit=self._cancelation[0])
            except RuntimeError:
                # It has ended in this very moment.
                return

    def _report(self, _session_id: str, status: ActionStatus) -> None:
        if status.state is ActionState.RUNNING:
            self._on_progress(status)
        else:
            self._reported.set()
