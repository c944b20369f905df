"""Submitting from a program that has an event loop.

>>> import asyncio
>>> from deadline.client.api.submission.asynchronous import submit_job_bundle_async
>>> from deadline.client.api.submission.request import SubmissionRequest
>>> asyncio.run(submit_job_bundle_async(SubmissionRequest("my-job"))).job_id  # doctest: +SKIP
'job-0123456789abcdef0123456789abcdef'

The submission runs in a thread of the loop's executor, and the loop goes on. The methods of the host are called in that
thread, but for :meth:`~.host.SubmissionHost.confirm`, which may be a coroutine: it then runs in the loop, and the thread
waits for the answer.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import inspect
from configparser import ConfigParser
from typing import Awaitable, Callable, Optional, Protocol, TypeVar, Union

from deadline.client.exceptions import CreateJobWaiterCanceled, DeadlineOperationCanceled
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.progress_tracker import ProgressReportMetadata

from .host import QuietHost, SubmissionHost
from .request import SubmissionRequest, SubmissionResult
from .submit import save_debug_snapshot, submit_job_bundle

Result = TypeVar("Result")


class AsyncSubmissionHost(Protocol):
    """A :class:`~.host.SubmissionHost` that may answer questions later."""

    def show(self, message: str) -> None:
        """Show a message."""

    def confirm(self, message: str, default: bool) -> Union[Optional[bool], Awaitable[Optional[bool]]]:
        """Ask whether to go on; ``None`` where there is nobody to ask."""

    def hashing(self, report: ProgressReportMetadata) -> bool:
        """Take a report about the hashing of files, and say whether to go on."""

    def uploading(self, report: ProgressReportMetadata) -> bool:
        """Take a report about the upload of files, and say whether to go on."""

    def ready_to_create(self) -> bool:
        """Whether to create the job."""

    def keep_waiting(self) -> bool:
        """Whether to go on waiting for the job to be created."""


async def submit_job_bundle_async(
    request: SubmissionRequest,
    host: Optional[AsyncSubmissionHost] = None,
    config: Optional[ConfigParser] = None,
) -> SubmissionResult:
    """:func:`.submit.submit_job_bundle` without blocking the loop.

    When the task is cancelled the submission is too: hooks that run are ended, uploads stop, and the task ends when all
    of that has. Where the service had the job already, a ``CreateJobWaiterCanceled`` with its id is the cause of the
    ``CancelledError``.
    """
    return await _in_thread(functools.partial(submit_job_bundle, request), host, config)


async def save_debug_snapshot_async(
    request: SubmissionRequest,
    path: str,
    host: Optional[AsyncSubmissionHost] = None,
    config: Optional[ConfigParser] = None,
) -> str:
    """:func:`.submit.save_debug_snapshot` without blocking the loop; cancelled as :func:`submit_job_bundle_async`."""
    return await _in_thread(functools.partial(save_debug_snapshot, request, path), host, config)


async def _in_thread(
    work: Callable[[SubmissionHost, Optional[ConfigParser], CancelToken], Result],
    host: Optional[AsyncSubmissionHost],
    config: Optional[ConfigParser],
) -> Result:
    loop = asyncio.get_running_loop()
    cancel = CancelToken()
    asked = _AskedInLoop(host or QuietHost(), loop, cancel)
    context = contextvars.copy_context()
    future: asyncio.Future[Result] = loop.run_in_executor(None, context.run, work, asked, config, cancel)
    try:
        # The thread goes on whatever becomes of the task, so the future has to as well.
        return await asyncio.shield(future)
    except asyncio.CancelledError as canceled:
        cancel.cancel()
        await asyncio.wait([future])
        raise canceled from _outcome(future)


def _outcome(future: asyncio.Future[Result]) -> Optional[BaseException]:
    """How a submission ended after it was canceled; it may have come to its end before it noticed."""
    error = future.exception()
    if error is not None:
        return error
    result = future.result()
    if not isinstance(result, SubmissionResult):
        return None
    return CreateJobWaiterCanceled(f"The job {result.job_id} was created before.", job_id=result.job_id)


class _AskedInLoop:
    """A host for the thread, whose questions are asked in the loop where they are coroutines."""

    def __init__(self, host: AsyncSubmissionHost, loop: asyncio.AbstractEventLoop, cancel: CancelToken) -> None:
        self._host, self._loop, self._cancel = host, loop, cancel
        self.show = host.show
        self.hashing = host.hashing
        self.uploading = host.uploading
        self.ready_to_create = host.ready_to_create
        self.keep_waiting = host.keep_waiting

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Ask, and wait for the answer or for the end of the submission."""
        answer = self._host.confirm(message, default)
        if not inspect.isawaitable(answer):
            return answer
        pending = asyncio.run_coroutine_threadsafe(_awaited(answer), self._loop)

        def give_up() -> None:
            pending.cancel()

        with self._cancel.calling(give_up):
            try:
                return pending.result()
            except concurrent.futures.CancelledError as error:
                raise DeadlineOperationCanceled("The submission was canceled; no job was created.") from error


async def _awaited(answer: Awaitable[Optional[bool]]) -> Optional[bool]:
    return await answer
