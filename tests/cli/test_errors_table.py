"""What each command says when it cannot do its work: why, where, and what to do next; never a traceback.

Of the groups auth, config, farm, fleet, queue, worker and bundle; those of jobs have their own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache

NO = "0" * 32
FARM, QUEUE, FLEET, WORKER = f"farm-{NO}", f"queue-{NO}", f"fleet-{NO}", f"worker-{NO}"


class Row(NamedTuple):
    """A command that calls the service, and the resource that its errors name where that one is unknown."""

    words: str
    names: str = ""
    listed: str = ""
    """What there is instead, as the local farm has it."""


ROWS = [
    Row("farm list"),
    Row(f"farm get --farm-id {FARM}", FARM, "Local farm"),
    Row(f"fleet list --farm-id {FARM}", FARM, "Local farm"),
    Row(f"fleet get --fleet-id {FLEET}", FLEET, "Local fleet"),
    Row(f"fleet get --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"queue list --farm-id {FARM}", FARM, "Local farm"),
    Row(f"queue get --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"queue paramdefs --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"queue export-credentials --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"worker list --fleet-id {FLEET}", FLEET, "Local fleet"),
    Row(f"worker get --fleet-id {FLEET} --worker-id {WORKER}", FLEET, "Local fleet"),
    Row(f"queue sync-output --ignore-storage-profiles --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle list --queue --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle info some-job --queue --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle download some-job --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle upload {{bundle}} --yes --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle hide some-job --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle unhide some-job --queue-id {QUEUE}", QUEUE, "Local queue"),
    Row(f"bundle submit {{bundle}} --yes --queue-id {QUEUE}", QUEUE, "Local queue"),
]

CALLING = [row.words for row in ROWS]


@pytest.fixture
def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings with a farm and a queue, and all services at an address where nobody listens."""
    (home / "settings").write_text(
        f"[profile-(default) defaults]\nfarm_id = {FARM}\n[profile-(default) {FARM} defaults]\nqueue_id = {QUEUE}\n"
        f"[profile-stduio defaults]\nfarm_id = {FARM}\n[profile-stduio {FARM} defaults]\nqueue_id = {QUEUE}\n",
        encoding="utf-8",
    )
    (home / "aws-config").write_text("[profile studio]\nregion = us-west-2\n", encoding="utf-8")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{one.getsockname()[1]}")
    for name, value in {
        "AWS_DEFAULT_REGION": "us-west-2",
        # In place of a list of regions, all of which would be asked.
        "DEADLINE_CLOUD_REGIONS": "us-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()


def failure(result: Any) -> str:
    """What a command said that has failed as commands do: on stderr, on several lines, and nothing elsewhere."""
    assert result.code == 1, result
    assert result.out == ""
    assert "Traceback" not in result.err
    assert "WARNING:" not in result.err
    lines: list[str] = result.err.rstrip("\n").split("\n")
    assert len(lines) >= 2
    assert all(lines)
    return "\n".join(lines)


@pytest.mark.parametrize("words", CALLING)
def test_without_credentials_it_is_told_how_to_log_in(
    words: str, elsewhere: None, deadline: Any, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    said = failure(deadline(*words.format(bundle=bundle).split()))
    assert "Unable to locate credentials" in said
    assert "`deadline auth login`" in said
    assert "The AWS profiles of this user are studio." in said


@pytest.mark.parametrize("words", CALLING)
def test_a_misspelt_profile_is_answered_with_the_nearest_one(
    words: str, elsewhere: None, deadline: Any, bundle: Path
) -> None:
    said = failure(deadline(*words.format(bundle=bundle).split(), "--profile", "stduio"))
    assert "(stduio) could not be found" in said
    assert "Did you mean 'studio'?" in said
    assert "deadline config set defaults.aws_profile_name" in said


@pytest.mark.parametrize("words", CALLING)
def test_a_service_that_is_not_reached_is_told_with_its_address(
    words: str, elsewhere: None, deadline: Any, bundle: Path
) -> None:
    said = failure(deadline(*words.format(bundle=bundle).split()))
    assert os.environ["AWS_ENDPOINT_URL"] in said
    assert "The connection was refused" in said
    assert "`deadline doctor`" in said


@pytest.mark.parametrize("row", [row for row in ROWS if row.names], ids=lambda row: row.words)
def test_an_unknown_id_is_named_and_answered_with_those_there_are(
    row: Row, farm: Any, deadline: Any, bundle: Path
) -> None:
    said = failure(deadline(*row.words.format(bundle=bundle).split()))
    assert row.names in said
    assert f"  {row.listed}" in said


@pytest.mark.parametrize(
    ("operation", "words"),
    [("ListQueues", "queue list"), ("GetFarm", "farm get"), ("SearchWorkers", f"worker list --fleet-id {FLEET}")],
)
def test_a_denial_blames_no_id_that_is_right(
    operation: str, words: str, farm: Any, running: Any, deadline: Any
) -> None:
    running.faults.deny(operation)
    try:
        said = failure(deadline(*words.replace(FLEET, farm.fleet_id).split()))
    finally:
        running.faults.clear()
    assert "Ask the farm's administrator for the permission." in said
    assert "may be wrong" not in said


AWS_CONFIGS = {
    "a program that gives no credentials": (
        '[profile studio]\nregion = us-west-2\ncredential_process = "{python}" -c "import sys; sys.exit(\'Log in first.\')"\n',
        ("Log in first.", "`deadline auth login`"),
    ),
    "a single sign-on that has ended": (
        "[profile studio]\nregion = us-west-2\nsso_region = us-west-2\nsso_start_url = https://studio.invalid/\n{sso}",
        ("Error loading SSO Token", "`aws sso login`"),
    ),
    "a file that cannot be understood": ("[profile studio\nregion", ("Unable to parse config file", "text editor")),
    "no region": ("[profile studio]\n", ("specify a region", "AWS_DEFAULT_REGION")),
}


@pytest.mark.parametrize("case", AWS_CONFIGS)
def test_what_is_wrong_with_an_aws_profile_is_told(
    case: str, elsewhere: None, home: Path, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, fragments = AWS_CONFIGS[case]
    (home / "aws-config").write_text(
        text.format(python=sys.executable, sso="sso_account_id = 123456789012\nsso_role_name = artist\n"),
        encoding="utf-8",
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    if case == "no region":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    said = failure(deadline("queue", "get", "--profile", "studio", "--farm-id", FARM, "--queue-id", QUEUE))
    assert [fragment for fragment in fragments if fragment not in said] == []


def test_half_of_the_credentials_is_told_with_what_is_missing(
    elsewhere: None, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "missing: AWS_SECRET_ACCESS_KEY" in failure(deadline("queue", "list"))


def test_debug_logging_shows_where_an_error_comes_from(elsewhere: None, deadline: Any) -> None:
    result = deadline("--log-level", "DEBUG", "farm", "get", "--profile", "stduio")
    assert result.code == 1
    assert "Traceback" in result.err


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ("config get settings.log_levle", "Did you mean 'settings.log_level'?"),
        ("config set settings.max_retries_per_task many", "a whole number"),
        ("config set defaults.queue_id [queue]", "without blanks or brackets"),
        ("farm get --farm-id farm 1", "unexpected extra argument"),
        ("farm list --output xml", "is not one of 'table', 'verbose', 'json'"),
        ("worker list", "Which fleet? Name it with --fleet-id."),
        ("bundle submit not/there --yes", "There is no job bundle not/there"),
        ("bundle upload not/there", "not/there is not a job bundle"),
        ("bundle info not-there", "There is no job bundle 'not-there'"),
        ("auth login", "There is no login for the AWS profile default"),
    ],
)
def test_a_mistake_of_the_user_is_named(words: str, fragment: str, elsewhere: None, deadline: Any) -> None:
    result = deadline(*words.split())
    assert result.code in (1, 2)
    assert fragment.lower() in result.err.lower()
    assert "Traceback" not in result.err


def installed(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the console script that users run."""
    program = Path(sys.executable).with_name("deadline.exe" if os.name == "nt" else "deadline")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("words", "code", "fragment"),
    [
        ("config get no.such", 1, "There is no setting named 'no.such'"),
        ("farm lsit", 2, "Did you mean 'list'?"),
        ("queue list", 1, "The connection was refused"),
    ],
)
def test_the_installed_program_ends_as_it_does_here(words: str, code: int, fragment: str, elsewhere: None) -> None:
    done = installed(*words.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr


def test_the_installed_program_prints_nothing_but_json_where_that_is_asked_for(elsewhere: None, home: Path) -> None:
    done = installed("config", "show", "--output", "json")
    assert json.loads(done.stdout)["settings.config_file_path"] == str(home / "settings")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_address_of_the_service_that_is_none_is_told(
    elsewhere: None, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "nowhere")
    result = deadline("farm", "list")
    assert (result.code, result.out) == (1, "")
    assert "Invalid endpoint: nowhere. Check the variables whose names begin with AWS_ENDPOINT_URL" in result.err


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there, whatever the locale")
def test_a_name_that_the_locale_cannot_write_is_told(
    elsewhere: None, process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"name": "In", "type": "PATH", "objectType": "FILE", "dataFlow": "IN", "default": "\u0444.txt"}
    steps = [{"name": "Run", "script": {"actions": {"onRun": {"command": "true"}}}}]
    template = {"specificationVersion": "jobtemplate-2023-09", "name": "A", "parameterDefinitions": [inputs]}
    (tmp_path / "template.json").write_text(json.dumps({**template, "steps": steps}), encoding="utf-8")
    for name, value in {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}.items():
        monkeypatch.setenv(name, value)

    running = process("bundle", "submit", str(tmp_path), "--yes")
    out, err = running.communicate(timeout=60)

    assert (running.returncode, out) == (1, "")
    assert "have no place in the encoding of this locale" in err
    assert "LC_ALL=C.UTF-8" in err
