"""``deadline job wait``."""

from __future__ import annotations

import shutil
import sys
from typing import Any, Dict, List, Mapping, Optional

import click

from ...errors import explain
from ...options import configuration, job_options, output_option, required_job
from ...output import is_terminal, print_json, print_yaml, wants_json

TIMED_OUT = 1
FAILED = 2

_EXIT_CODES = {"SUCCEEDED": 0, "FAILED": FAILED, "CANCELED": 3, "SUSPENDED": 4, "ARCHIVED": 4, "NOT_COMPATIBLE": 5}
_AT_WORK = ("RUNNING", "ASSIGNED", "STARTING")


@click.command()
@job_options
@click.option(
    "--max-poll-interval",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    default=120,
    show_default=True,
    help="The longest pause between two looks at the job. They begin at half a second and double.",
)
@click.option(
    "--timeout",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="How long to wait at most; 0 waits for ever.",
)
@output_option
def wait(max_poll_interval: int, timeout: int, output: Optional[str], **options: Any) -> None:
    """Wait until a job has ended, and say how.

    The exit code is 0 when the job succeeded, 1 when it had not ended in time, 2 when it or one of its tasks failed or it
    could not be looked at, 3 when it was canceled, 4 when it was suspended or archived, 5 when no fleet can run it. Ctrl-C
    ends the waiting, with 130; the job goes on.

    \b
    Examples:
      deadline job wait
      deadline job wait --timeout 3600 && deadline job download-output
      deadline job wait --job-id job-0123456789abcdef0123456789abcdef --output json
    """
    from deadline.client import api
    from deadline.client.exceptions import DeadlineOperationError, DeadlineOperationTimedOut

    config = configuration(**options)
    ids, job_id = required_job(config)
    watcher = _Watcher(job_id, as_json=wants_json(output))
    try:
        result = api.wait_for_job_completion(
            ids.farm_id,
            ids.queue_id,
            job_id,
            max_poll_interval=max_poll_interval,
            timeout=timeout,
            config=config,
            job_callback=watcher.look,
        )
    except DeadlineOperationTimedOut as error:
        watcher.fail(error, timeout=True)
        raise click.exceptions.Exit(TIMED_OUT) from error
    except DeadlineOperationError as error:
        watcher.fail(error)
        raise click.exceptions.Exit(FAILED) from error
    finally:
        watcher.end_line()
    failed = [
        {
            "stepId": task.step_id,
            "taskId": task.task_id,
            "stepName": task.step_name,
            "sessionId": task.session_id,
        }
        for task in result.failed_tasks
    ]
    watcher.finish(result.status, result.elapsed_time, failed)
    raise click.exceptions.Exit(FAILED if failed else _EXIT_CODES.get(result.status, FAILED))


class _Watcher:
    """Tells how the job gets on: on a terminal in one line that changes, else a line for each change, or as JSON."""

    def __init__(self, job_id: str, *, as_json: bool) -> None:
        self._job_id = job_id
        self._job_name: Optional[str] = None
        self._as_json = as_json
        self._in_place = is_terminal(sys.stdout)
        self._open_line = False
        self._shown = ""

    def look(self, job: Mapping[str, Any], elapsed: float, timeout: int) -> None:
        """Show the state of the job."""
        first = self._job_name is None
        self._job_name = job.get("name") or job.get("displayName") or ""
        if self._as_json:
            return
        if first:
            click.echo(f"Waiting for the job to end: {self._job_name}\n{self._job_id}")
        state = _state_of(job)
        if self._in_place:
            clock = f"{elapsed:.0f} s" + (f", {max(timeout - elapsed, 0):.0f} s left" if timeout else "")
            line = f"{state}, {clock}"[: shutil.get_terminal_size().columns - 1]
            click.echo(f"\r{line}\x1b[K", nl=False)
            self._open_line = True
        elif state != self._shown:
            click.echo(state)
        self._shown = state

    def end_line(self) -> None:
        """Go to the next line, if one is open."""
        if self._open_line:
            click.echo()
            self._open_line = False

    def fail(self, error: Exception, *, timeout: bool = False) -> None:
        """Say why the waiting ended before the job did."""
        self.end_line()
        if not self._as_json:
            click.echo(explain(error), err=True)
            return
        print_json(
            {
                "error": explain(error),
                **({"timeout": True} if timeout else {}),
                "jobId": self._job_id,
                "jobName": self._job_name,
            },
            indent=2,
        )

    def finish(self, status: str, elapsed: float, failed: List[Dict[str, Any]]) -> None:
        """Say how the job ended."""
        if self._as_json:
            print_json(
                {
                    "jobId": self._job_id,
                    "jobName": self._job_name,
                    "status": status,
                    "elapsedTime": elapsed,
                    "failedTasks": failed,
                },
                indent=2,
            )
            return
        colour = "green" if status == "SUCCEEDED" and not failed else "red"
        click.echo(f"{click.style(status, fg=colour)} after {elapsed:.1f} seconds")
        if failed:
            click.echo(f"\nFailed tasks ({len(failed)}):")
            print_yaml(failed)
            session = next((task["sessionId"] for task in failed if task["sessionId"]), None)
            if session:
                click.echo(f"See what one of them logged: deadline job logs --session-id {session}")


def _state_of(job: Mapping[str, Any]) -> str:
    counts = job.get("taskRunStatusCounts") or {}
    workers = sum(counts.get(status, 0) for status in _AT_WORK)
    status = job.get("taskRunStatus") or job.get("lifecycleStatus", "")
    done = f"{counts.get('SUCCEEDED', 0)} of {sum(counts.values())} tasks succeeded"
    return f"{status}: {done}, {workers} {'worker' if workers == 1 else 'workers'} running"
