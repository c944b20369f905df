"""Jobs run as real processes, and the database says what became of them."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from .conftest import FLEET, BareFarm

HEADER = """\
specificationVersion: jobtemplate-2023-09
name: Test
parameterDefinitions: [{name: Python, type: PATH}]
"""


def python_step(name: str, code: str, *, more: str = "", frames: str = "") -> str:
    """A step that runs Python code; ``frames`` is the range of the task parameter Frame."""
    space = f"  parameterSpace: {{taskParameterDefinitions: [{{name: Frame, type: INT, range: '{frames}'}}]}}\n"
    return (
        f"- name: {name}\n{space if frames else ''}{more}"
        "  script:\n    actions:\n      onRun:\n"
        f"        command: '{{{{Param.Python}}}}'\n        args: ['-c', {json.dumps(code)}]\n"
    )


def test_tasks_run_and_their_lines_are_in_the_log_of_their_session(farm: BareFarm) -> None:
    job = farm.submit(
        HEADER + "steps:\n" + python_step("Render", "print('frame {{Task.Param.Frame}} is done')", frames="1-3")
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 3}

    log = farm.log(job)
    assert all(f"frame {frame} is done" in log for frame in (1, 2, 3))
    assert [(kind, status) for kind, status, _ in farm.actions(job)] == [("taskRun", "SUCCEEDED")] * 3
    assert {doc["processExitCode"] for _, _, doc in farm.actions(job)} == {0}


def test_a_step_begins_when_the_one_before_it_has_ended(farm: BareFarm, tmp_path: Path) -> None:
    order = tmp_path / "order"
    note = f"open({str(order)!r}, 'a').write('%s\\n')"
    job = farm.submit(
        HEADER
        + "steps:\n"
        + python_step("Assemble", note % "assemble", more="  dependencies: [{dependsOn: Render}]\n")
        + python_step("Render", note % "render", frames="1-4")
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 5}

    assert order.read_text(encoding="utf-8").split() == ["render"] * 4 + ["assemble"]


def test_a_failing_task_is_tried_again_and_then_fails_with_what_depends_on_it(farm: BareFarm) -> None:
    job = farm.submit(
        HEADER
        + "steps:\n"
        + python_step("Render", "print('openjd_fail: no licence'); raise SystemExit(3)")
        + python_step("Assemble", "pass", more="  dependencies: [{dependsOn: Render}]\n"),
        maxRetriesPerTask=2,
    )

    assert farm.wait_until_ended(job) == {"FAILED": 1, "PENDING": 1}

    actions = farm.actions(job)
    assert [(kind, status) for kind, status, _ in actions] == [("taskRun", "FAILED")] * 3
    assert {(doc["processExitCode"], doc["progressMessage"]) for _, _, doc in actions} == {(3, "no licence")}
    (task,) = farm.execute("SELECT * FROM tasks WHERE job_id = ? AND run_status = 'FAILED'", (job,))
    assert task["failure_retry_count"] == 2
    assert task["latest_session_action_id"].startswith(f"sessionaction-{farm.sessions(job)[-1]['session_id'][8:]}-")


@pytest.mark.parametrize("workers", [1])
def test_too_many_failures_cancel_the_rest_of_the_job(farm: BareFarm) -> None:
    job = farm.submit(
        HEADER + "steps:\n" + python_step("Render", "raise SystemExit(1)", frames="1-10"),
        maxRetriesPerTask=0,
        maxFailedTasksCount=2,
    )

    assert farm.wait_until_ended(job) == {"FAILED": 2, "CANCELED": 8}


def test_environments_are_entered_and_left_around_the_tasks(farm: BareFarm) -> None:
    farm.add_queue_environment(
        """
        specificationVersion: environment-2023-09
        environment: {name: Queue, variables: {FROM_QUEUE: q}}
        """
    )
    environment = """\
  name: {name}
  variables: {{FROM_{name}: {name}}}
  script:
    actions:
      onEnter: {{command: "{{{{Param.Python}}}}", args: ["-c", "print('enter {name}')"]}}
      onExit: {{command: "{{{{Param.Python}}}}", args: ["-c", "print('exit {name}')"]}}
"""
    job_environment = "- " + environment.format(name="Job").strip() + "\n"
    step_environment = (
        "  stepEnvironments:\n  - " + environment.format(name="Step").strip().replace("\n", "\n  ") + "\n"
    )
    show = "import os; print('in', *(os.environ['FROM_' + n] for n in ('QUEUE', 'Job', 'Step')))"
    job = farm.submit(
        HEADER
        + "jobEnvironments:\n"
        + job_environment
        + "steps:\n"
        + python_step("Render", show, more=step_environment)
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 1}

    (step,) = farm.execute("SELECT step_id FROM steps")
    ids = [f"JOB:{job}:Queue", f"JOB:{job}:Job", f"STEP:{step['step_id']}:Step"]
    actions = farm.actions(job)
    assert [kind for kind, _, _ in actions] == ["envEnter"] * 3 + ["taskRun"] + ["envExit"] * 3
    assert [doc["definition"]["envEnter"]["environmentId"] for _, _, doc in actions[:3]] == ids
    assert [doc["definition"]["envExit"]["environmentId"] for _, _, doc in actions[4:]] == ids[::-1]
    printed = [line for line in farm.log(job) if line.split(" ")[0] in ("enter", "in", "exit")]
    assert printed == ["enter Job", "enter Step", "in q Job Step", "exit Step", "exit Job"]


def test_an_environment_that_cannot_be_entered_fails_the_task(farm: BareFarm) -> None:
    farm.add_queue_environment(
        """
        specificationVersion: environment-2023-09
        environment:
          name: Conda
          script: {actions: {onEnter: {command: "false"}, onExit: {command: "true"}}}
        """
    )
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "pass"), maxRetriesPerTask=0)

    assert farm.wait_until_ended(job) == {"FAILED": 1}

    assert [(kind, status) for kind, status, _ in farm.actions(job)] == [
        ("envEnter", "FAILED"),
        ("envExit", "SUCCEEDED"),
    ]
    (task,) = farm.execute("SELECT latest_session_action_id FROM tasks")
    assert task["latest_session_action_id"].endswith("-0")


@pytest.mark.parametrize("workers", [1])
def test_a_session_changes_the_environments_from_step_to_step(farm: BareFarm) -> None:
    environment = "  stepEnvironments: [{{name: Of{0}, variables: {{STEP: '{0}'}}}}]\n"
    show = "import os; print('step is', os.environ['STEP'])"
    job = farm.submit(
        HEADER
        + "steps:\n"
        + python_step("One", show, more=environment.format("One"))
        + python_step("Two", show, more=environment.format("Two"))
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 2}

    assert len(farm.sessions(job)) == 1
    assert [line for line in farm.log(job) if line.startswith("step is")] == ["step is One", "step is Two"]


@pytest.mark.parametrize("workers", [1])
def test_the_more_urgent_job_runs_first(resting_farm: BareFarm, tmp_path: Path) -> None:
    order = tmp_path / "order"
    note = f"open({str(order)!r}, 'a').write('%s\\n')"
    jobs = [
        resting_farm.submit(HEADER + "steps:\n" + python_step("Step", note % name), priority=priority)
        for name, priority in (("low", 1), ("high", 90), ("middle", 50))
    ]

    resting_farm.runner.start()
    resting_farm.runner.notify()

    for job in jobs:
        resting_farm.wait_until_ended(job)
    # Jobs are expanded by age, and the first may have begun by the time when the others exist.
    assert order.read_text(encoding="utf-8").split() in (["high", "middle", "low"], ["low", "high", "middle"])


def test_a_job_gets_no_more_workers_than_it_may_have(farm: BareFarm) -> None:
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "pass", frames="1-6"), maxWorkerCount=1)

    farm.wait_until_ended(job)

    sessions = farm.sessions(job)
    assert all(later["started_at"] >= earlier["ended_at"] for earlier, later in zip(sessions, sessions[1:]))


@pytest.mark.skipif(sys.platform == "win32", reason="runs a program that is not there")
@pytest.mark.parametrize("workers", [8])
def test_tasks_that_begin_at_the_same_moment_do_not_keep_each_other_from_it(farm: BareFarm) -> None:
    step = """
    - name: Short
      parameterSpace: {taskParameterDefinitions: [{name: Frame, type: INT, range: 1-120}]}
      script: {actions: {onRun: {command: "true"}}}
    """
    job = farm.submit(HEADER + "steps:\n" + textwrap.dedent(step))

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 120}
    assert farm.execute("SELECT sum(failure_retry_count) AS retries FROM tasks")[0]["retries"] == 0


def test_frames_of_a_chunk_run_together(farm: BareFarm) -> None:
    job = farm.submit(
        """
        specificationVersion: jobtemplate-2023-09
        extensions: [TASK_CHUNKING]
        name: Chunks
        steps:
        - name: Render
          parameterSpace:
            taskParameterDefinitions:
            - {name: Frame, type: "CHUNK[INT]", range: 1-5, chunks: {defaultTaskCount: 3, rangeConstraint: CONTIGUOUS}}
          script: {actions: {onRun: {command: echo, args: ["frames {{Task.Param.Frame}}"]}}}
        """,
        python=False,
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 2}

    assert {"frames 1-3", "frames 4-5"} <= set(farm.log(job))


def test_expressions_see_the_values_of_the_step(farm: BareFarm) -> None:
    job = farm.submit(
        """
        specificationVersion: jobtemplate-2023-09
        extensions: [EXPR]
        name: Expressions
        parameterDefinitions: [{name: First, type: INT, default: 41}]
        steps:
        - name: Render
          let: ["next = Param.First + 1"]
          script: {actions: {onRun: {command: echo, args: ["{{Step.Name}} {{next}}"]}}}
        """,
        python=False,
    )

    assert farm.wait_until_ended(job) == {"SUCCEEDED": 1}

    assert "Render 42" in farm.log(job)


def test_a_task_that_takes_longer_than_its_timeout_fails(farm: BareFarm) -> None:
    job = farm.submit(
        """
        specificationVersion: jobtemplate-2023-09
        name: Slow
        steps:
        - name: Render
          script: {actions: {onRun: {command: sleep, args: ["300"], timeout: 1}}}
        """,
        python=False,
        maxRetriesPerTask=0,
    )

    assert farm.wait_until_ended(job) == {"FAILED": 1}

    ((_, status, doc),) = farm.actions(job)
    assert (status, doc["progressMessage"]) == ("FAILED", "The action took longer than its timeout.")


def test_processes_see_the_farm_and_no_secret_of_the_host(farm: BareFarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the host")
    monkeypatch.setenv("GITHUB_TOKEN", "of the host")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the host")
    monkeypatch.setenv("STUDIO_NAME", "kept")
    job = farm.submit(
        HEADER + "steps:\n" + python_step("Render", "import os, json; print(json.dumps(dict(os.environ)))")
    )

    farm.wait_until_ended(job)

    (line,) = [line for line in farm.log(job) if line.startswith("{")]
    variables = json.loads(line)
    assert "of the host" not in variables.values()
    assert variables["STUDIO_NAME"] == "kept"
    assert variables["AWS_ACCESS_KEY_ID"] == farm.environment["AWS_ACCESS_KEY_ID"]
    assert variables["DEADLINE_JOB_ID"] == job
    assert variables["DEADLINE_TASK_ID"].startswith("task-")


def test_progress_of_a_task_is_shown_while_it_runs(farm: BareFarm, tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    code = (
        "import pathlib, time\n"
        "print('openjd_status: half of it', flush=True)\n"
        "time.sleep(0.6)\n"
        "print('openjd_progress: 50', flush=True)\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.02)"
    )
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", code))

    farm.wait_until(
        lambda: any(doc.get("progressPercent") == 50 for _, _, doc in farm.actions(job)), "A note of the progress"
    )
    assert farm.counts(job) == {"RUNNING": 1}
    assert [doc["progressMessage"] for _, _, doc in farm.actions(job)] == ["half of it"]
    go_on.touch()
    farm.wait_until_ended(job)


def test_workers_are_resources_of_the_fleet(farm: BareFarm) -> None:
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "pass"))
    farm.wait_until_ended(job)

    workers = farm.execute("SELECT * FROM resources WHERE kind = 'worker' AND parent_id = ?", (FLEET,))

    assert {json.loads(worker["doc"])["status"] for worker in workers} == {"IDLE"}
    assert len(workers) == farm.workers
    assert farm.sessions(job)[0]["worker_id"] in {worker["id"] for worker in workers}


def test_folders_of_sessions_are_removed(farm: BareFarm) -> None:
    job = farm.submit(HEADER + "steps:\n" + python_step("Render", "open('left behind', 'w').close()"))

    farm.wait_until_ended(job)

    assert list(farm.sessions_root.iterdir()) == []
