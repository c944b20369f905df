"""Help of every command, and what commands print of the things they show, as it was when somebody last looked at it.

``UPDATE_SNAPSHOTS=1 pytest tests/cli/test_snapshots.py`` writes what is printed now into the folder ``snapshots``. Read
the difference as a user would before it is committed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache

from .command_tree import ALL_COMMANDS
from .conftest import Farm, deadline_here, isolate, point_at, python_step, write_bundle
from .golden import FOLDER, check, comparable
from .queued_jobs import frames
from .terminal import screen

NEEDS_ANOTHER_PACKAGE = re.compile(r"\s+\(needs:\s+pip\s+install\s+\"[^\"]+\"\)")
FORMS = ("terminal", "pipe", "json")

SHOWN = {
    "attachment-upload": "attachment upload -m {manifest} -r {root} --dry-run",
    "auth-status": "auth status",
    "bundle-info": "bundle info {bundle}",
    "bundle-list": "bundle list {folder}",
    "bundle-list-queue": "bundle list --queue",
    "bundle-submit": "bundle submit {bundle} --dry-run",
    "config-get": "config get settings.conflict_resolution",
    "config-show": "config show",
    "doctor": "doctor",
    "farm-get": "farm get",
    "farm-list": "farm list --region {region}",
    "fleet-get": "fleet get --fleet-id {fleet}",
    "fleet-get-of-queue": "fleet get --queue-id {queue}",
    "fleet-list": "fleet list",
    "job-cancel": "job cancel --job-id {job} --dry-run",
    "job-download-output": "job download-output --job-id {job} --dry-run",
    "job-get": "job get --job-id {failed}",
    "job-get-many": "job get shot",
    "job-list": "job list",
    "job-logs": "job logs --job-id {failed}",
    "job-requeue-tasks": "job requeue-tasks --job-id {failed} --dry-run",
    "job-trace-schedule": "job trace-schedule --job-id {failed}",
    "job-update": "job update --job-id {failed} --priority 80 --dry-run",
    "job-wait": "job wait --job-id {failed}",
    "job-watch": "job watch --job-id {failed}",
    "job-why": "job why --job-id {failed}",
    "manifest-diff": "manifest diff --root {root} --manifest {manifest}",
    "queue-export-credentials": "queue export-credentials",
    "queue-get": "queue get",
    "queue-list": "queue list",
    "queue-paramdefs": "queue paramdefs",
    "queue-sync-output": "queue sync-output --bootstrap-lookback-minutes 60 --ignore-storage-profiles --dry-run",
    "worker-get": "worker get --fleet-id {fleet} --worker-id {worker}",
    "worker-list": "worker list --fleet-id {fleet}",
}
NO_JSON = {"queue-export-credentials"}
"""It has no option for it: what it prints is JSON anyhow."""

CASES = [(name, form) for name in SHOWN for form in FORMS if not (form == "json" and name in NO_JSON)]
PACKAGES = """\
specificationVersion: environment-2023-09
parameterDefinitions:
- {name: CondaPackages, type: STRING, default: blender, description: The packages that the job needs.}
environment: {name: Conda, variables: {CONDA: "1"}}
"""
LOG = """\
Opening the scene shot_7.blend
Rendering frame 2 with 16 samples
ERROR: The texture wood.exr is missing
Traceback (most recent call last):
  File "render.py", line 12, in render
FileNotFoundError: wood.exr
"""


@pytest.mark.parametrize("words", ALL_COMMANDS, ids=lambda words: " ".join(words) or "deadline")
def test_help(words: tuple[str, ...], deadline: Any) -> None:
    result = deadline(*words, "--help")
    assert (result.code, result.err) == (0, "")
    # Whether windows and the server of assistants are installed is not the question here.
    check("-".join(("help/deadline", *words)), NEEDS_ANOTHER_PACKAGE.sub("", result.out))


@dataclass(frozen=True)
class Shown:
    """A farm in which always the same has happened."""

    running: Any
    farm: Farm
    places: dict[str, str]
    values: dict[str, str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A farm with a job that succeeded, one that failed and one that is suspended, and a folder that has changed."""
    from local_farm.testing import running_farm

    folder = tmp_path_factory.mktemp("shown")
    with running_farm(workers=1) as running, pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        point_at(running, patch, folder)
        patch.setenv("DEADLINE_CLOUD_REGIONS", running.environment()["AWS_DEFAULT_REGION"])
        invalidate_boto3_session_cache()
        farm = Farm(running)
        farm.client.create_queue_environment(
            farmId=farm.farm_id, queueId=farm.queue_id, priority=1, templateType="YAML", template=PACKAGES
        )
        places = {**_jobs(farm, folder), **_files(folder)}
        (worker,) = farm.client.search_workers(farmId=farm.farm_id, fleetIds=[farm.fleet_id], itemOffset=0)["workers"]
        places.update(
            region=running.environment()["AWS_DEFAULT_REGION"],
            fleet=farm.fleet_id,
            queue=farm.queue_id,
            worker=worker["workerId"],
        )
        yield Shown(running, farm, places, {str(folder): "/studio"})
    invalidate_boto3_session_cache()


def _jobs(farm: Farm, folder: Path) -> dict[str, str]:
    script = "import sys; sys.exit(3 if sys.argv[1] == '2' else 0)"
    fails = python_step(script, "{{Task.Param.Frame}}", name="Render", parameterSpace=frames(3))
    encode = python_step("pass", name="Encode", dependencies=[{"dependsOn": "Render"}])
    templates = {
        "job": {"name": "Turntable", "steps": [python_step("pass")]},
        "failed": {"name": "Shot 7", "steps": [fails, encode]},
        "suspended": {"name": "Shot 8", "steps": [fails]},
    }
    ids = {}
    for kind, template in templates.items():
        bundle = write_bundle(folder / "bundles" / kind, template)
        words = ["--target-task-run-status", "SUSPENDED"] if kind == "suspended" else []
        submitted = deadline_here("bundle", "submit", str(bundle), "--max-retries-per-task", "0", *words)
        ids[kind] = submitted.out.split()[-1]
        if not words:
            deadline_here("job", "wait", "--job-id", ids[kind], "--max-poll-interval", "1")
    _write_log(farm, ids["failed"])
    shared = deadline_here("bundle", "upload", str(folder / "bundles" / "job"), "--name", "Turntable", "--yes")
    assert shared.code == 0, shared.err
    return {**ids, "folder": str(folder / "bundles"), "bundle": str(folder / "bundles" / "failed")}


def _write_log(farm: Farm, job_id: str) -> None:
    """Put lines that are always the same in the place of what the sessions of a job logged."""
    import boto3

    logs = boto3.client("logs", endpoint_url=farm.environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"])
    group = f"/aws/deadline/{farm.farm_id}/{farm.queue_id}"
    ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": job_id}
    for session in farm.client.list_sessions(**ids)["sessions"]:
        actions = farm.client.list_session_actions(**ids, sessionId=session["sessionId"])["sessionActions"]
        failed = [action for action in actions if action["status"] == "FAILED"]
        # Within the action, which takes some milliseconds at least.
        when = int((failed or actions)[0]["startedAt"].timestamp() * 1000) + 1
        logs.delete_log_stream(logGroupName=group, logStreamName=session["sessionId"])
        logs.create_log_stream(logGroupName=group, logStreamName=session["sessionId"])
        events = [{"timestamp": when, "message": line} for line in LOG.splitlines()]
        logs.put_log_events(logGroupName=group, logStreamName=session["sessionId"], logEvents=events)


def _files(folder: Path) -> dict[str, str]:
    root = folder / "shots"
    root.mkdir()
    for name in ("changed.exr", "deleted.exr", "kept.exr"):
        (root / name).write_text(name, encoding="utf-8")
    written = deadline_here(
        "manifest", "snapshot", "--root", str(root), "--destination", str(folder), "--name", "shot", "--json"
    )
    (root / "deleted.exr").unlink()
    (root / "new.exr").write_text("new", encoding="utf-8")
    (root / "changed.exr").write_text("changed since", encoding="utf-8")
    return {"root": str(root), "manifest": written.json["manifest"]}


@pytest.fixture
def farm(shown: Shown) -> Farm:
    """That farm, instead of the one that all tests of this folder share."""
    return shown.farm


@pytest.mark.parametrize(("name", "form"), CASES, ids=lambda part: part)
def test_what_is_shown(
    name: str, form: str, shown: Shown, farm: Farm, deadline: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(shown.running, monkeypatch, home)
    # What this machine says of certificates and proxies is its own affair.
    for variable in ("REQUESTS_CA_BUNDLE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    words = [word.format(**shown.places) for word in SHOWN[name].split()]
    result = deadline(*words, *(["--output", "json"] if form == "json" else []), terminal=form == "terminal")
    out = result.out
    if name == "doctor":
        # Where its lines are wrapped depends on the paths and versions of this machine.
        out = re.sub(r"\n {28}", " ", out)
    streams = [comparable(text, {**shown.values, str(home): "/home/user"}) for text in (out, result.err)]
    check(f"{name}/{form}", "".join("\n".join(screen(text)) if form == "terminal" else text for text in streams))


def test_there_are_no_others() -> None:
    wanted = {f"help/{'-'.join(('deadline', *words))}" for words in ALL_COMMANDS}
    wanted |= {f"{name}/{form}" for name, form in CASES}
    found = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.txt")}
    assert found == wanted
