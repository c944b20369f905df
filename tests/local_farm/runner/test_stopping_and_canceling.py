"""What becomes of running tasks when somebody cancels them, or when the farm stops, is killed, or cannot go on."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from pathlib import Path

import pytest

from local_farm.expansion import expand_job
from local_farm.runner.aws import FarmSession
from local_farm.runner.claims import claim_session
from local_farm.runner.logs import RUNTIME_LOG, SESSION_LOG, SessionLogs
from local_farm.runner.session import JobSession, SessionContext
from local_farm.runner.workers import Workers

from .conftest import BareFarm
from .test_running_jobs import HEADER, python_step

needs_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")


def sleeping_step(folder: Path, *, frames: str = "", more: str = "") -> str:
    """A step whose tasks note the ids of their process and of a child of it, then sleep."""
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(folder)!r}, str(os.getpid())).write_text(str(child.pid))\n"
        f"while not pathlib.Path({str(folder)!r}, 'go on').exists(): time.sleep(0.02)\n"
        "child.kill()"
    )
    return python_step("Sleep", code, frames=frames, more=more)


def noted_processes(folder: Path) -> list[int]:
    """The processes that tasks of :func:`sleeping_step` noted."""
    notes = [(path.name, path.read_text(encoding="utf-8")) for path in folder.iterdir() if path.name.isdigit()]
    return [int(number) for note in notes for number in note if number]


def runs(process_id: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@needs_proc
def test_canceling_a_job_kills_what_runs_and_lets_nothing_more_begin(farm: BareFarm, notes: Path) -> None:
    job = farm.submit(HEADER + "steps:\n" + sleeping_step(notes, frames="1-5"))
    farm.wait_until(lambda: len(noted_processes(notes)) == 4, "The start of two tasks")

    farm.cancel(job)

    assert farm.wait_until_ended(job) == {"CANCELED": 5}
    assert [(kind, status) for kind, status, _ in farm.actions(job)] == [("taskRun", "CANCELED")] * 2
    farm.wait_until(lambda: not any(map(runs, noted_processes(notes))), "The end of the processes")


@needs_proc
def test_a_farm_that_stops_kills_what_runs_and_runs_it_again_when_it_starts(farm: BareFarm, notes: Path) -> None:
    job = farm.submit(HEADER + "steps:\n" + sleeping_step(notes))
    farm.wait_until(lambda: len(noted_processes(notes)) == 2, "The start of the task")

    farm.runner.stop()

    farm.wait_until(lambda: not any(map(runs, noted_processes(notes))), "The end of the processes")
    assert farm.counts(job) == {"READY": 1}
    assert [(kind, status) for kind, status, _ in farm.actions(job)] == [("taskRun", "INTERRUPTED")]
    assert list(farm.sessions_root.iterdir()) == []

    (notes / "go on").touch()
    farm.restart()
    assert farm.wait_until_ended(job) == {"SUCCEEDED": 1}
    (task,) = farm.execute("SELECT failure_retry_count FROM tasks")
    assert task["failure_retry_count"] == 0


def test_an_environment_that_is_not_left_in_time_does_not_hold_up_the_end(farm: BareFarm, notes: Path) -> None:
    farm.add_queue_environment(
        """
        specificationVersion: environment-2023-09
        environment:
          name: Sticky
          script:
            actions:
              onEnter: {command: "true"}
              onExit: {command: sleep, args: ["300"]}
        """
    )
    farm.submit(HEADER + "steps:\n" + sleeping_step(notes))
    farm.wait_until(lambda: len(noted_processes(notes)) == 2, "The start of the task")

    began = time.monotonic()
    farm.runner.stop(timeout=0.2)

    assert time.monotonic() - began < 5


def test_tasks_of_a_farm_that_was_killed_run_again(resting_farm: BareFarm, tmp_path: Path) -> None:
    job = resting_farm.submit(HEADER + "steps:\n" + python_step("Render", "pass", frames="1-2"))
    expand_job(resting_farm.database, job)
    # What a farm leaves that is killed with one task running and another one about to be canceled.
    resting_farm.execute("UPDATE tasks SET run_status = 'RUNNING' WHERE position = 0")
    resting_farm.execute("UPDATE tasks SET run_status = 'RUNNING', target_status = 'CANCELED' WHERE position = 1")
    resting_farm.execute(
        "INSERT INTO sessions VALUES ('session-1', 'f', ?, ?, 'fleet', 'worker', 'STARTED', 1.0, NULL, '{}')",
        (resting_farm.queue_id, job),
    )
    resting_farm.execute(
        "INSERT INTO session_actions VALUES ('sessionaction-1-0', 'session-1', ?, 0, 'RUNNING', NULL, 1.0, NULL, ?)",
        (job, json.dumps({"definition": {"taskRun": {}}})),
    )
    left = resting_farm.sessions_root / "session-1"
    left.mkdir(parents=True)

    resting_farm.runner.start()

    assert resting_farm.wait_until_ended(job) == {"SUCCEEDED": 1, "CANCELED": 1}
    assert [status for _, status, _ in resting_farm.actions(job)] == ["INTERRUPTED", "SUCCEEDED"]
    assert not left.exists()


def test_a_task_whose_run_had_succeeded_when_the_farm_was_killed_is_not_run_again(resting_farm: BareFarm) -> None:
    job = resting_farm.submit(HEADER + "steps:\n" + python_step("Render", "pass"))
    expand_job(resting_farm.database, job)
    resting_farm.execute("UPDATE tasks SET run_status = 'RUNNING', latest_session_action_id = 'sessionaction-1-0'")
    resting_farm.execute(
        "INSERT INTO sessions VALUES ('session-1', 'f', ?, ?, 'fleet', 'worker', 'STARTED', 1.0, NULL, '{}')",
        (resting_farm.queue_id, job),
    )
    resting_farm.execute(
        "INSERT INTO session_actions SELECT 'sessionaction-1-0', 'session-1', job_id, 0, 'SUCCEEDED', task_id, 1.0, 2.0, ?"
        " FROM tasks",
        (json.dumps({"definition": {"taskRun": {}}}),),
    )

    resting_farm.runner.start()

    assert resting_farm.wait_until_ended(job) == {"SUCCEEDED": 1}
    assert len(resting_farm.actions(job)) == 1


def test_a_task_that_is_canceled_before_its_session_begins_never_runs(resting_farm: BareFarm, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    environment = "  stepEnvironments: [{name: Variables, variables: {A: B}}]\n"
    job = resting_farm.submit(
        HEADER + "steps:\n" + python_step("Render", f"open({str(trace)!r}, 'w').close()", more=environment)
    )
    expand_job(resting_farm.database, job)
    aws = FarmSession(resting_farm.environment)
    logs = SessionLogs(lambda: aws.client("logs"))
    context = SessionContext(
        database=resting_farm.database,
        logs=logs,
        aws=aws,
        farm_environment=resting_farm.environment,
        sessions_root=resting_farm.sessions_root,
        settled=lambda: None,
    )
    with resting_farm.database.transaction() as db:
        claimed = claim_session(db, Workers(1), 0)
        db.execute("UPDATE tasks SET target_status = 'CANCELED'")
    assert claimed is not None

    JobSession(claimed, context).run()
    logs.close()

    assert resting_farm.counts(job) == {"CANCELED": 1}
    assert not trace.exists()


def test_input_files_that_cannot_be_brought_fail_the_task_with_the_reason(farm: BareFarm) -> None:
    farm.client("s3").create_bucket(
        Bucket=farm.bucket, CreateBucketConfiguration={"LocationConstraint": farm.environment["AWS_DEFAULT_REGION"]}
    )
    manifest = {
        "rootPath": "/scenes",
        "rootPathFormat": "posix",
        "inputManifestPath": "missing",
        "inputManifestHash": "0",
    }

    job = farm.submit(
        HEADER + "steps:\n" + python_step("Render", "pass"),
        maxRetriesPerTask=0,
        attachments={"fileSystem": "COPIED", "manifests": [manifest]},
    )

    assert farm.wait_until_ended(job) == {"FAILED": 1}
    ((kind, status, doc),) = farm.actions(job)
    assert (kind, status) == ("syncInputJobAttachments", "FAILED")
    assert "missing" in doc["progressMessage"]
    assert any("missing" in line for line in farm.log(job))


def test_an_action_that_the_runtime_refuses_is_recorded_as_failed(farm: BareFarm) -> None:
    # A session may have one environment of this kind; each of the two templates is valid by itself.
    wrapping = """
        specificationVersion: environment-2023-09
        extensions: [EXPR, WRAP_ACTIONS]
        environment:
          name: {name}
          script:
            actions:
              onWrapEnvEnter: {{command: "true"}}
              onWrapTaskRun: {{command: "true"}}
              onWrapEnvExit: {{command: "true"}}
        """
    for name in ("First", "Second"):
        farm.add_queue_environment(wrapping.format(name=name))

    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "pass"), maxRetriesPerTask=0)

    assert farm.wait_until_ended(job) == {"FAILED": 1}
    actions = farm.actions(job)
    assert [(kind, status) for kind, status, _ in actions] == [
        ("envEnter", "SUCCEEDED"),
        ("envEnter", "FAILED"),
        ("envExit", "SUCCEEDED"),
    ]
    assert "at most one Environment" in actions[1][2]["progressMessage"]


@pytest.mark.parametrize("workers", [1])
def test_many_short_tasks_leave_no_threads_filters_or_handlers(farm: BareFarm) -> None:
    threads = set(threading.enumerate())
    handlers = log_handlers()
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "pass", frames="1-12"))

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 12}

    assert RUNTIME_LOG.filters == []
    farm.wait_until(lambda: threads.issuperset(threading.enumerate()), "The end of the session's threads")
    farm.runner.stop()
    # That of this farm is gone; other farms may be running in this process.
    assert len(log_handlers()) == len(handlers) - 2


@pytest.mark.parametrize("workers", [1])
def test_what_sessions_print_is_not_in_the_log_of_the_program_that_has_the_farm(farm: BareFarm) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        job = farm.submit(HEADER + "steps:\n" + python_step("Render", "print('a frame is done')"))
        assert farm.wait_until_ended(job) == {"SUCCEEDED": 1}
    finally:
        logging.getLogger().removeHandler(handler)
    assert "a frame is done" not in stream.getvalue()
    assert "worker" not in stream.getvalue()


def log_handlers() -> list[logging.Handler]:
    return [handler for log in (RUNTIME_LOG, SESSION_LOG) for handler in log.handlers if type(handler) is SessionLogs]


def test_a_line_that_cannot_be_formatted_does_not_end_the_session(
    farm: BareFarm, capsys: pytest.CaptureFixture[str]
) -> None:
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "print('in spite of it')"))
    farm.wait_until_ended(job)
    session_id = farm.sessions(job)[0]["session_id"]
    logs = SessionLogs(lambda: farm.client("logs"))
    logs.open_stream("/aws/deadline/test", session_id)

    logs.handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",), "session_id": session_id}))
    logs.handle(logging.makeLogRecord({"msg": "a number", "session_id": session_id}))
    logs.close_stream(session_id)
    logs.close()

    events = farm.client("logs").get_log_events(logGroupName="/aws/deadline/test", logStreamName=session_id)["events"]
    assert [event["message"] for event in events] == ["a number"]
    assert "Logging error" in capsys.readouterr().err


def test_clients_of_a_farm_are_made_by_many_threads_at_once(farm: BareFarm) -> None:
    session = FarmSession(farm.environment)
    made: list[str] = []
    begin = threading.Barrier(6)

    def make() -> None:
        begin.wait()
        made.append(session.client("s3").meta.endpoint_url)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [farm.environment["AWS_ENDPOINT_URL_S3"]] * 6
