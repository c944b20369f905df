"""Every command in every situation: success, nothing there, unknown ids, denial, throttling and bad input.

What is given to each, and what it has to answer, is in ``command_table.py``; a command that is missing there fails a test.
What single commands do and print is tested elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

import click
import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache
from deadline.client.cli.app import cli

from .command_table import ERRORS, JSON, NOTHING, TABLE, No, Row, Says
from .conftest import Result, python_step, write_bundle
from .monitor import Monitor

AN_ID = re.compile(r"\b(farm|queue|fleet|worker|job|session)-[0-9a-f]{32}\b")
LIST_FARMS = "ListFarms"
"""The operation that is about nothing that has an id."""
A_COMPLAINT = re.compile(r"(?i)\b(error|fail|warning|traceback)")
WHAT_TO_DO = re.compile(r"\n(?=\S)|[.?!] (?=\S)|: expected |^Give ")
"""Where an error goes on after what is wrong, or says nothing but what is wanted."""


def all_commands(command: click.Command, *words: str) -> Iterator[str]:
    """The words of each command below a group, also of those that other distributions bring."""
    if not isinstance(command, click.Group):
        yield " ".join(words)
        return
    context = None
    for word in ("deadline", *words):
        context = click.Context(command, info_name=word, parent=context, **cli.context_settings)
    assert context is not None
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from all_commands(found, *words, name)


def test_every_command_is_in_the_table() -> None:
    assert sorted({row.command.partition(" --")[0] for row in TABLE}) == sorted(all_commands(cli))


@pytest.fixture(scope="module", autouse=True)
def one_attempt() -> Iterator[None]:
    """Clients that do not call again what is throttled: the tests need not wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        invalidate_boto3_session_cache()
        yield
        invalidate_boto3_session_cache()


@pytest.fixture(scope="module")
def resources(known: Any, without_workers: Any, ended_jobs: Any) -> Iterator[Dict[str, str]]:
    """The ids of what there is in the farm, and of a farm that has nothing."""
    client = known.client
    queue = client.get_queue(farmId=known.farm_id, queueId=known.queue_id)
    # Next to the other queue's files, not among them.
    attachments = {**queue["jobAttachmentSettings"], "rootPrefix": "NothingIsInIt"}
    empty = client.create_queue(farmId=known.farm_id, displayName="Nothing is in it", jobAttachmentSettings=attachments)
    bare = client.create_farm(displayName="A farm that has nothing")
    workers = client.search_workers(farmId=known.farm_id, fleetIds=[known.fleet_id], itemOffset=0)["workers"]
    yield {
        "farm": known.farm_id,
        "bare": bare["farmId"],
        "queue": known.queue_id,
        "fleet": known.fleet_id,
        "worker": workers[0]["workerId"],
        "idle": without_workers.queue_id,
        "empty": empty["queueId"],
        "ended": ended_jobs.frames,
        "failed": ended_jobs.failed,
    }
    # The farm is that of other tests too.
    client.delete_queue(farmId=known.farm_id, queueId=empty["queueId"])
    client.delete_farm(farmId=bare["farmId"])


class Places(Dict[str, str]):
    """What stands for the names in options; what has to be made is made when it is asked for."""

    def __init__(self, resources: Dict[str, str], folder: Path, home: Path, jobs: Any, deadline: Any) -> None:
        super().__init__(resources)
        self._folder, self._home, self._jobs, self._deadline = folder, home, jobs, deadline

    def __missing__(self, name: str) -> str:
        self[name] = str(getattr(self, f"_{name}")())
        return self[name]

    def _run(self, *words: str) -> Result:
        result: Result = self._deadline(*words)
        assert result.code == 0, result
        return result

    def _unique(self) -> str:
        return f"bundle-{self._folder.parent.name}-{self._folder.name}"

    def _new_folder(self) -> Path:
        folder = self._folder / "new"
        folder.mkdir()
        return folder

    def _studio(self) -> str:
        monitor = Monitor(self._home)
        monitor.does(monitor.LET_IN)
        monitor.write_profiles()
        self._run("config", "set", "deadline-cloud-monitor.path", str(monitor.program))
        return "studio"

    def _bundle(self) -> Path:
        return write_bundle(self._folder / "bundles" / "simple", {"steps": [python_step("print('done')")]})

    def _bundles(self) -> Path:
        return self._bundle().parent

    def _shared(self) -> str:
        self._run("bundle", "upload", self["bundle"], "--name", self["unique"], "--yes")
        return self["unique"]

    def _job(self) -> str:
        return str(self._jobs.new(name="In every situation"))

    def _suspended(self) -> str:
        return str(self._jobs.new(name="Suspended", targetTaskRunStatus="SUSPENDED"))

    def _address_of_ended(self) -> str:
        self._run("config", "set", "settings.auto_accept", "true")
        ids = {"farm": self["farm"], "queue": self["queue"], "job": self["ended"]}
        return "deadline://download-output?" + "&".join(f"{kind}-id={id_}" for kind, id_ in ids.items())

    def _root(self) -> Path:
        root = self._folder / "root"
        root.mkdir()
        (root / "one.txt").write_text("one", encoding="utf-8")
        return root

    def _manifest(self) -> str:
        (self._folder / "manifests").mkdir()
        words = f"manifest snapshot --root {self['root']} --destination {self._folder / 'manifests'} --json"
        return str(self._run(*words.split()).json["manifest"])

    def _sent(self) -> str:
        self._run("attachment", "upload", "--manifests", self["manifest"], "--root-dirs", self["root"])
        return self["manifest"]


def words_of(row: Row, options: str, places: Dict[str, str]) -> list[str]:
    """The words after ``deadline``, with what stands for the names in them."""
    return [word.format_map(places) for word in (*row.command.split(), *options.split())]


@pytest.fixture
def places(
    farm: Any,
    faults: Any,
    resources: Dict[str, str],
    ended: Any,
    without_workers: Any,
    deadline: Any,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Places:
    """What stands for the names in options."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "aws-config"))
    return Places(resources, tmp_path, home, without_workers, deadline)


@pytest.fixture
def outcome(places: Places, deadline: Any) -> Any:
    """``outcome(row, options)`` is that of the command in this process."""
    return lambda row, options: deadline(*words_of(row, options, places))


def installed(row: Row, options: str, places: Dict[str, str], stdin: str = "") -> Result:
    """The outcome of the program that users run."""
    program = Path(sys.executable).with_name("deadline.exe" if os.name == "nt" else "deadline")
    done = subprocess.run(
        [program, *words_of(row, options, places)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def rows(*situations: str) -> Any:
    """The rows that have these situations."""
    having = [row for row in TABLE if not any(isinstance(getattr(row, situation), No) for situation in situations)]
    return pytest.mark.parametrize("row", having, ids=lambda row: row.command)


def check_success(row: Row, options: str, result: Result) -> None:
    """It ends with 0, complains of nothing on stderr, and where JSON was asked for, stdout has that alone."""
    assert result.code == 0, result
    assert row.tells or result.err == ""
    assert not A_COMPLAINT.search(result.err)
    if row.always_json or "--json" in options or JSON in f"{row.command} {options}":
        check_json(row, result.out)


def check_json(row: Row, out: str) -> None:
    if row.lines:
        assert [type(json.loads(line)) for line in out.splitlines()].count(dict) == out.count("\n") > 0
    else:
        json.loads(out)
        assert out.endswith("\n")


def check_failure(
    row: Row,
    result: Result,
    *texts: str,
    code: Optional[int] = None,
    stdout: Optional[str] = None,
    an_id: bool = False,
) -> None:
    """It ends with its code, and says on stderr what it is about, what is wrong and what to do."""
    assert result.code == (row.code if code is None else code), result
    assert "Traceback" not in result.out + result.err
    said = result.err
    stdout = stdout or row.stdout
    if stdout == NOTHING:
        assert result.out == ""
    elif stdout == ERRORS:
        check_json(row, result.out)
        # In words, where it is one of JSON.
        said += result.out.replace("\\n", "\n").replace('\\"', '"')
    assert [text for text in texts if text not in said] == [], said
    assert AN_ID.search(said) or not an_id, said
    assert WHAT_TO_DO.search(said.strip()), said


@rows("success")
def test_it_does_its_work(row: Row, places: Places) -> None:
    assert isinstance(row.success, str)
    check_success(row, row.success, installed(row, row.success, places, row.stdin))


@rows("empty")
def test_nothing_there_is_an_answer(row: Row, places: Places, outcome: Any) -> None:
    if isinstance(row.empty, Says):
        check_failure(row, outcome(row, row.empty.words), row.empty.text.format_map(places))
    else:
        check_success(row, row.empty, outcome(row, row.empty))


@rows("missing")
def test_what_is_not_found_is_named_with_what_to_do(row: Row, outcome: Any) -> None:
    assert isinstance(row.missing, Says)
    check_failure(row, outcome(row, row.missing.words), row.missing.text)


@rows("denied")
def test_who_may_not_is_told_whom_to_ask(row: Row, places: Places, deadline: Any, faults: Any) -> None:
    words = words_of(row, row.success, places)
    faults.deny(row.denied)
    check_failure(row, deadline(*words), "AccessDeniedException", "administrator", an_id=row.denied != LIST_FARMS)


@rows("denied", "throttled")
def test_throttling_says_to_wait(row: Row, places: Places, deadline: Any, faults: Any) -> None:
    says = row.throttled or Says(row.success)
    words = words_of(row, says.words, places)
    faults.throttle(row.denied, times=None)
    check_failure(
        row, deadline(*words), "ThrottlingException", " again", code=says.code, an_id=row.denied != LIST_FARMS
    )


@rows("bad")
def test_bad_input_is_named_by_the_installed_program(
    row: Row, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = installed(row, row.bad.words, {"fleet": "fleet-" + "1" * 32})
    check_failure(row, result, row.bad.text, code=row.bad.code or 1, stdout=NOTHING)
