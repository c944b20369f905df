"""Submitting from an event loop."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Iterator

import pytest

from deadline.client import api
from deadline.client.api.submission.asynchronous import save_debug_snapshot_async, submit_job_bundle_async
from deadline.client.api.submission.host import QuietHost
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationCanceled, UserInitiatedCancel

from .conftest import Farm, Host, python_step, write_bundle

STEPS = [python_step("pass")]


class AskingHost(QuietHost):
    """Asks in the loop, and answers when somebody there says so."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.threads: set[str] = set()

    async def confirm(self, message: str, default: bool) -> bool:  # type: ignore[override]
        self.threads.add(threading.current_thread().name)
        self.asked.set()
        return await self.answer


def bundle_with_a_stranger(tmp_path: Path) -> SubmissionRequest:
    """A submission that asks about a file."""
    file = tmp_path / "elsewhere" / "private.txt"
    file.parent.mkdir()
    file.write_bytes(os.urandom(8))
    references = {"assetReferences": {"inputs": {"filenames": [str(file)]}}}
    return SubmissionRequest(str(write_bundle(tmp_path / "bundle", {"steps": STEPS}, asset_references=references)))


def reasons(error: BaseException | None) -> Iterator[BaseException]:
    """An error, its cause, and so on; some versions of Python wrap the error of a cancelled task."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def jobs_of(farm: Farm) -> int:
    return len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"])


def test_the_loop_goes_on_while_a_job_is_submitted_and_questions_are_asked_in_it(farm: Farm, tmp_path: Path) -> None:
    request = bundle_with_a_stranger(tmp_path)

    async def submit() -> tuple[str, set[str]]:
        host = AskingHost()
        task = asyncio.ensure_future(submit_job_bundle_async(request, host))
        await asyncio.wait_for(host.asked.wait(), 60)
        host.answer.set_result(True)
        return (await task).job_id, host.threads

    job_id, threads = asyncio.run(submit())
    assert farm.job(job_id)["attachments"]["manifests"]
    assert threads == {threading.current_thread().name}


def test_a_no_and_other_errors_come_as_they_are(farm: Farm, tmp_path: Path) -> None:
    with pytest.raises(UserInitiatedCancel):
        asyncio.run(submit_job_bundle_async(bundle_with_a_stranger(tmp_path), Host(answer=False)))


def test_cancelling_the_task_takes_the_question_back(farm: Farm, tmp_path: Path) -> None:
    request, before = bundle_with_a_stranger(tmp_path), jobs_of(farm)

    async def cancel() -> asyncio.Future[bool]:
        host = AskingHost()
        task = asyncio.ensure_future(submit_job_bundle_async(request, host))
        await asyncio.wait_for(host.asked.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert any(isinstance(error, DeadlineOperationCanceled) for error in reasons(caught.value))
        return host.answer

    assert asyncio.run(cancel()).cancelled()
    assert jobs_of(farm) == before


def test_cancelling_the_task_ends_the_hooks_that_run(farm: Farm, tmp_path: Path) -> None:
    set_setting("settings.allow_bundle_hooks", "true")
    set_setting("settings.auto_accept", "true")
    before = jobs_of(farm)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        code = (
            f"import socket; s = socket.create_connection(('127.0.0.1', {server.getsockname()[1]})); "
            "s.sendall(b'.'); s.recv(1)"
        )
        hooks = {"preSubmission": [{"command": sys.executable, "args": ["-S", "-c", code]}]}
        bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS}, hooks=hooks)

        async def cancel() -> None:
            task = asyncio.ensure_future(submit_job_bundle_async(SubmissionRequest(str(bundle))))
            connection, _ = await asyncio.get_running_loop().run_in_executor(None, server.accept)
            connection.settimeout(60)
            with connection:
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert connection.recv(2) == b"."
                assert connection.recv(1) == b""

        asyncio.run(cancel())
    assert jobs_of(farm) == before


def test_snapshots_too(farm: Farm, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS})
    target = tmp_path / "snapshot"
    assert asyncio.run(save_debug_snapshot_async(SubmissionRequest(str(bundle)), str(target))) == str(target)
    assert json.loads((target / "create_job_args.json").read_text(encoding="utf-8"))["priority"] == 50
