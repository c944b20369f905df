"""Running the hooks of a phase, one after the other.

A hook before the submission that fails ends it: its exit code, its time limit, its answer. One after the submission only
leaves a warning in the log, since the job is there already.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from typing import Any, Callable, Dict, Mapping

from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError

from .commands import resolve_command
from .hook_file import Hook, HookPhase
from .metadata import HookMetadata
from .outputs import merged_output, merged_pre_gui_output, parse_pre_gui_output, parse_pre_submission_output
from .process import DRAIN_SECONDS, MAXIMUM_OUTPUT_BYTES, Ending, Finished, NotStarted, run_program
from .sources import HookSource

logger = logging.getLogger("deadline.client.job_bundle.hooks")

Show = Callable[[str], Any]
IsCanceled = Callable[[], bool]


def never() -> bool:
    """For those who cannot cancel."""
    return False


def run_pre_gui_hooks(
    source: HookSource, metadata: HookMetadata, show: Show, is_canceled: IsCanceled = never
) -> Dict[str, Any]:
    """Run the pre-GUI hooks of a source, and return what they answered together: ``parameters``, ``name``, ``description``.

    Raises:
        DeadlineOperationError: A hook failed.
        DeadlineOperationCanceled: ``is_canceled`` said yes.
    """
    phase = HookPhase.PRE_GUI
    output: Dict[str, Any] = {}
    for number, hook in enumerate(source.hooks.of(phase), start=1):
        run = _Run(source, phase, number, hook, show, is_canceled)
        output = merged_pre_gui_output(output, parse_pre_gui_output(run.answer(metadata), run.who))
    return output


def run_pre_submission_hooks(
    source: HookSource,
    metadata: HookMetadata,
    payload: Mapping[str, Any],
    show: Show,
    is_canceled: IsCanceled = never,
) -> Dict[str, Any]:
    """Run the pre-submission hooks of a source.

    Args:
        source: The hooks.
        metadata: The submission.
        payload: What hooks of other sources have answered before.
        show: Gets a line for each hook, and what hooks write to their standard error.
        is_canceled: Asked several times a second.

    Returns:
        ``payload`` with what these hooks answered; :class:`.outputs.SubmissionChanges` are what is in it.

    Raises:
        DeadlineOperationError: A hook failed.
        DeadlineOperationCanceled: ``is_canceled`` said yes.
    """
    phase, output = HookPhase.PRE_SUBMISSION, dict(payload)
    for number, hook in enumerate(source.hooks.of(phase), start=1):
        run = _Run(source, phase, number, hook, show, is_canceled)
        answer = run.answer(dataclasses.replace(metadata, submission_payload=output))
        output = merged_output(output, parse_pre_submission_output(answer, run.who))
    return output


def run_post_submission_hooks(
    source: HookSource, metadata: HookMetadata, show: Show, is_canceled: IsCanceled = never
) -> None:
    """Run the post-submission hooks of a source; those that fail leave a warning in the log, and the others run."""
    phase = HookPhase.POST_SUBMISSION
    for number, hook in enumerate(source.hooks.of(phase), start=1):
        run = _Run(source, phase, number, hook, show, is_canceled)
        try:
            answer = run.answer(metadata, shows_failures=False)
        except DeadlineOperationCanceled as error:
            logger.warning("%s The job is there all the same.", error)
            return
        except DeadlineOperationError as error:
            logger.warning("%s The job is there all the same.", error)
            continue
        if answer.strip():
            logger.info("%s wrote: %s", run.who, answer.strip())


class _Run:
    """One run of one hook."""

    def __init__(
        self, source: HookSource, phase: HookPhase, number: int, hook: Hook, show: Show, is_canceled: IsCanceled
    ) -> None:
        self._source, self._hook = source, hook
        self._show, self._is_canceled = show, is_canceled
        self._name = f"{phase.label} hook {number}"
        self.who = f"The {self._name} ({hook.command}) of the {source.label}"

    def answer(self, metadata: HookMetadata, *, shows_failures: bool = True) -> str:
        """Run the hook, and return what it wrote to its standard output."""
        command = resolve_command(self._hook, self._source.script_folder)
        self._show(f"Running {self._name} of the {self._source.label}: {self._hook.command}")
        environment = {
            # Programs in Python would write their answer in the encoding of the system.
            "PYTHONIOENCODING": "utf-8",
            **os.environ,
            **metadata.environment(),
            **self._hook.env,
        }
        try:
            finished = run_program(
                [command.program, *command.arguments],
                environment=environment,
                text=metadata.to_json(),
                seconds=self._hook.timeout,
                on_error_line=lambda line: self._show(f"  [{self._name}] {line}"),
                is_canceled=self._is_canceled,
            )
        except NotStarted as error:
            raise DeadlineOperationError(
                f"{self.who} could not be started: {command.program}: {error}. A script needs the right to be executed, "
                "and a first line that names its interpreter."
            ) from error
        return self._text(finished, shows_failures)

    def _text(self, finished: Finished, shows_failures: bool) -> str:
        if finished.ending is Ending.CANCELED:
            raise DeadlineOperationCanceled(f"{self.who} was ended, because the submission was canceled.")
        failure = self._failure(finished)
        if failure and shows_failures:
            written = finished.output.decode("utf-8", errors="replace").strip()
            self._show(f"{failure}\n{written}" if written else failure)
        if failure:
            raise DeadlineOperationError(failure)
        try:
            return finished.output.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DeadlineOperationError(f"{self.who} wrote something that is not UTF-8 text.") from error

    def _failure(self, finished: Finished) -> str:
        """What went wrong, or nothing."""
        if finished.ending is Ending.TIMED_OUT:
            return (
                f"{self.who} had not ended after {self._hook.timeout} seconds, and was ended. Give it more time by "
                "timeout in the hooks file."
            )
        if finished.ending is Ending.LEFT_PROGRAMS_BEHIND:
            return (
                f"{self.who} left a program behind that held its output open for {DRAIN_SECONDS:g} seconds, and was "
                "ended. Let the hook wait for it, or give it an output of its own."
            )
        if finished.ending is Ending.PRINTED_TOO_MUCH:
            return f"{self.who} wrote more than {MAXIMUM_OUTPUT_BYTES // 2**20} MiB, and was ended."
        if finished.exit_code and finished.exit_code < 0:
            return f"{self.who} was ended by signal {-finished.exit_code}."
        return f"{self.who} failed with exit code {finished.exit_code}." if finished.exit_code else ""
