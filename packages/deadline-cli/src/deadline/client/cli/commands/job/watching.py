"""What ``deadline job wait`` and ``deadline job watch`` have in common: looking at a job until it has ended."""

from __future__ import annotations

import time
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

import click

from ...errors import explain
from ...interrupts import stopping_on_ctrl_c
from ...live import LiveBlock, can_draw_in_place
from ...output import print_json, print_yaml, printable, styled, styled_state
from .progress_display import display

if TYPE_CHECKING:
    from deadline.client.api.job_completion import JobCompletionResult
    from deadline.client.api.job_progress import JobProgress

TIMED_OUT = 1
FAILED = 2

EXIT_CODES = {"SUCCEEDED": 0, "FAILED": FAILED, "CANCELED": 3, "SUSPENDED": 4, "ARCHIVED": 4, "NOT_COMPATIBLE": 5}


class Teller:
    """Tells how a job gets on."""

    needs_steps = False
    """Whether it tells about the steps, which have to be asked for."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.job_name: Optional[str] = None

    def look(self, progress: JobProgress, elapsed: float, timeout: int) -> None:
        """The job was looked at."""

    def tick(self) -> None:
        """Time has passed; called several times a second."""

    def end(self) -> None:
        """No more looks will follow."""

    def fail(self, error: Exception, *, timeout: bool) -> None:
        """Say why the looking ended before the job did."""

    def finish(self, result: JobCompletionResult) -> None:
        """Say how the job ended."""


def watch_job(
    ids: Any, teller: Teller, *, max_poll_interval: int, timeout: int, config: ConfigParser
) -> click.exceptions.Exit:
    """Look at a job until it has ended; returns the exit of the command.

    Args:
        ids: The farm and the queue.
        teller: Knows the job, and tells about it.
        max_poll_interval: The longest pause between two looks, in seconds.
        timeout: How many seconds to wait at most; 0 waits for ever.
        config: The configuration.

    Raises:
        Interrupted: Ctrl-C was pressed.
    """
    from deadline.client import api
    from deadline.client.api.job_progress import JobProgress, find_job_progress
    from deadline.client.exceptions import (
        DeadlineOperationCanceled,
        DeadlineOperationError,
        DeadlineOperationTimedOut,
    )

    place = {"farm_id": ids.farm_id, "queue_id": ids.queue_id, "job_id": teller.job_id, "config": config}

    def look(job: Mapping[str, Any], elapsed: float, timeout: int) -> None:
        progress = find_job_progress(**place, job=job) if teller.needs_steps else JobProgress(job)
        teller.job_name = job.get("name") or job.get("displayName") or ""
        teller.look(progress, elapsed, timeout)

    with stopping_on_ctrl_c() as interrupt:

        def go_on() -> bool:
            if interrupt.go_on():
                teller.tick()
            return interrupt.go_on()

        try:
            result = api.wait_for_job_completion(
                **place,
                max_poll_interval=max_poll_interval,
                timeout=timeout,
                job_callback=look,
                continue_callback=go_on,
            )
        except DeadlineOperationCanceled:
            raise
        except DeadlineOperationError as error:
            teller.end()
            timed_out = isinstance(error, DeadlineOperationTimedOut)
            teller.fail(error, timeout=timed_out)
            return click.exceptions.Exit(TIMED_OUT if timed_out else FAILED)
        finally:
            teller.end()
    teller.finish(result)
    return click.exceptions.Exit(FAILED if result.failed_tasks else EXIT_CODES.get(result.status, FAILED))


class LineTeller(Teller):
    """A line for each change."""

    def __init__(self, job_id: str, heading: str, *, steps: bool = False) -> None:
        super().__init__(job_id)
        self.needs_steps = steps
        self._heading = heading
        self._shown: Dict[str, str] = {}

    def look(self, progress: JobProgress, elapsed: float, timeout: int) -> None:
        self._begin(progress)
        self._tell("", progress.describe())
        if len(progress.steps) > 1:
            for step in progress.steps:
                self._tell(step.step_id, f"  {printable(step.name)}: {step.status}, {step.tasks.describe()}")

    def fail(self, error: Exception, *, timeout: bool) -> None:
        click.echo(explain(error), err=True)

    def finish(self, result: JobCompletionResult) -> None:
        failed = _failed_tasks(result)
        status = styled(result.status, fg="red") if failed else styled_state(result.status)
        click.echo(f"{status} after {result.elapsed_time:.1f} seconds")
        if failed:
            click.echo(f"\nFailed tasks ({len(failed)}):")
            print_yaml(failed)
            click.echo(f"See why: deadline job why --job-id {self.job_id}")
            session = next((task["sessionId"] for task in failed if task["sessionId"]), None)
            if session:
                click.echo(f"See what one of them logged: deadline job logs --session-id {session}")

    def _begin(self, progress: JobProgress) -> None:
        if not self._shown:
            self._shown["name"] = progress.job_name
            click.echo(f"{self._heading}{styled(printable(progress.job_name), bold=True)}\n{self.job_id}")

    def _tell(self, what: str, state: str) -> None:
        if self._shown.get(what) != state:
            click.echo(state)
        self._shown[what] = state


class LiveTeller(LineTeller):
    """Lines of the terminal that change in place."""

    def __init__(self, job_id: str, heading: str) -> None:
        super().__init__(job_id, heading, steps=True)
        self._block = LiveBlock()
        self._progress: Optional[JobProgress] = None
        self._began = time.monotonic()
        self._timeout = 0
        self._second = -1

    def look(self, progress: JobProgress, elapsed: float, timeout: int) -> None:
        self._begin(progress)
        if not progress.steps and self._progress is not None:
            # The service did not tell about them this time.
            progress = type(progress)(progress.job, self._progress.steps)
        self._progress = progress
        self._began, self._timeout = time.monotonic() - elapsed, timeout
        self._draw()

    def tick(self) -> None:
        if self._progress is not None and int(time.monotonic() - self._began) != self._second:
            self._draw()

    def end(self) -> None:
        self._block.end()
        self._progress = None

    def _draw(self) -> None:
        assert self._progress is not None
        elapsed = time.monotonic() - self._began
        self._second = int(elapsed)
        left = f", {max(self._timeout - elapsed, 0):.0f} s left" if self._timeout else ""
        self._block.show(display(self._progress, f"{elapsed:.0f} s{left}"))


class JsonTeller(Teller):
    """One JSON object when the looking has ended."""

    def fail(self, error: Exception, *, timeout: bool) -> None:
        self._print({"error": explain(error), **({"timeout": True} if timeout else {}), **self._job()}, "error")

    def finish(self, result: JobCompletionResult) -> None:
        ending = {"status": result.status, "elapsedTime": result.elapsed_time, "failedTasks": _failed_tasks(result)}
        self._print({**self._job(), **ending}, "result")

    def _job(self) -> Dict[str, Any]:
        return {"jobId": self.job_id, "jobName": self.job_name}

    def _print(self, document: Dict[str, Any], message_type: str) -> None:
        print_json(document, indent=2)


class JsonLinesTeller(JsonTeller):
    """A JSON object on a line for each change, and for the end."""

    needs_steps = True

    def __init__(self, job_id: str) -> None:
        super().__init__(job_id)
        self._shown: Dict[str, Any] = {}

    def look(self, progress: JobProgress, elapsed: float, timeout: int) -> None:
        document = progress.to_dict()
        if document != self._shown:
            self._shown = document
            self._print({**document, "elapsedTime": elapsed}, "progress")

    def _print(self, document: Dict[str, Any], message_type: str) -> None:
        print_json({"messageType": message_type, **document})


def teller_for_people(job_id: str, heading: str, *, steps: bool) -> Teller:
    """Lines that change in place on a terminal, else a line for each change; ``steps``: about the steps too."""
    return LiveTeller(job_id, heading) if can_draw_in_place() else LineTeller(job_id, heading, steps=steps)


def _failed_tasks(result: JobCompletionResult) -> List[Dict[str, Any]]:
    return [
        {"stepId": task.step_id, "taskId": task.task_id, "stepName": task.step_name, "sessionId": task.session_id}
        for task in result.failed_tasks
    ]
