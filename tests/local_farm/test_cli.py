"""``local-farm`` as a command: processes that start, are found, restarted and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner, Result

from local_farm.cli import main

LIMIT = 60

LIST_FARMS = "import boto3; print([farm['displayName'] for farm in boto3.client('deadline').list_farms()['farms']])"


def local_farm(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "local_farm", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=LIMIT, check=False, **options
    )


def invoked(*arguments: str | Path) -> Result:
    """Run a command that starts no farm, in this process."""
    return CliRunner().invoke(main, list(map(str, arguments)), prog_name="local-farm")


def start(data_dir: Path, *arguments: str) -> dict[str, Any]:
    """Start a farm in the background, and what ``status`` says of it."""
    done = local_farm("start", "--background", "--port", "0", "--workers", "1", "--data-dir", data_dir, *arguments)
    assert done.returncode == 0, done.stderr
    status: dict[str, Any] = json.loads(invoked("status", "--output", "json", "--data-dir", data_dir).output)
    return status


@contextlib.contextmanager
def deadline(endpoint_url: str) -> Iterator[Any]:
    """A client of AWS Deadline Cloud for the farm at an address."""
    client: Any = boto3.client(
        "deadline",
        endpoint_url=endpoint_url,
        region_name="us-west-2",
        aws_access_key_id="LOCALFARM",
        aws_secret_access_key="local-farm",
        config=Config(inject_host_prefix=False, proxies={}),
    )
    with contextlib.closing(client):
        yield client


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a farm that runs in the background."""
    folder = tmp_path_factory.mktemp("farm")
    start(folder)
    yield folder
    local_farm("stop", "--data-dir", folder)


def test_status_tells_where_a_running_farm_is(data_dir: Path) -> None:
    done = invoked("status", "--output", "json", "--data-dir", data_dir)

    assert done.exit_code == 0
    document = json.loads(done.output)
    assert document["running"] is True
    assert document["workers"] == 1
    assert document["endpointUrl"].startswith("http://127.0.0.1:")
    assert document["endpointUrl"] in invoked("status", "--data-dir", data_dir).output


def test_a_second_farm_in_the_same_folder_is_refused(data_dir: Path) -> None:
    done = invoked("start", "--port", "0", "--data-dir", data_dir)

    assert done.exit_code == 1
    assert "is running" in done.output
    assert "local-farm stop" in done.output


def test_a_port_that_is_taken_is_named(data_dir: Path, tmp_path: Path) -> None:
    endpoint_url = json.loads(invoked("status", "--output", "json", "--data-dir", data_dir).output)["endpointUrl"]
    port = endpoint_url.rpartition(":")[2]

    done = local_farm("start", "--port", port, "--data-dir", tmp_path)

    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_exec_points_a_command_at_the_farm(data_dir: Path) -> None:
    environment = {**os.environ, "AWS_PROFILE": "missing", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}

    done = local_farm("exec", "--data-dir", data_dir, "--", sys.executable, "-c", LIST_FARMS, env=environment)

    assert done.stdout.strip() == "['Local farm']", done.stderr


def test_exec_gives_the_exit_code_of_the_command(data_dir: Path) -> None:
    exit_with_seven = [sys.executable, "-c", "raise SystemExit(7)"]

    assert local_farm("exec", "--data-dir", data_dir, "--", *exit_with_seven).returncode == 7


def test_exec_says_when_there_is_no_such_command(data_dir: Path) -> None:
    done = local_farm("exec", "--data-dir", data_dir, "--", "no-such-command")

    assert done.returncode == 1
    assert "no-such-command cannot be run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_shell_that_evaluates_env_is_pointed_at_the_farm_alone(data_dir: Path) -> None:
    env = shlex.join([sys.executable, "-m", "local_farm", "env", "--data-dir", str(data_dir)])
    python = shlex.join([sys.executable, "-c", LIST_FARMS])
    script = f'eval "$({env})"; {python}; echo "profile=$AWS_PROFILE."; echo "$DEADLINE_CONFIG_FILE_PATH"'

    done = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=True,
        env={**os.environ, "AWS_PROFILE": "missing"},
    )

    farms, profile, config = done.stdout.splitlines()
    assert farms == "['Local farm']"
    assert profile == "profile=."
    assert "defaults" in Path(config).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("fish", "set --export AWS_REGION us-west-2;"),
        ("powershell", "$Env:AWS_REGION = 'us-west-2'"),
        ("cmd", 'set "AWS_REGION=us-west-2"'),
    ],
)
def test_env_writes_the_syntax_of_other_shells(data_dir: Path, shell: str, line: str) -> None:
    lines = invoked("env", "--shell", shell, "--data-dir", data_dir).output.splitlines()

    assert line in lines
    assert len(lines) > 10


@pytest.fixture
def own_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no farm is left running, however the test ends."""
    yield tmp_path
    invoked("stop", "--data-dir", tmp_path)


def test_what_a_farm_has_survives_a_restart(own_dir: Path) -> None:
    with deadline(start(own_dir)["endpointUrl"]) as client:
        before = client.list_farms()["farms"]
        client.create_farm(displayName="The second")

    stopped = local_farm("stop", "--data-dir", own_dir)
    assert stopped.returncode == 0
    assert invoked("status", "--data-dir", own_dir).exit_code == 1
    assert not (own_dir / "running.json").exists()

    with deadline(start(own_dir)["endpointUrl"]) as client:
        farms = client.list_farms()["farms"]
    assert [farm["displayName"] for farm in farms] == ["Local farm", "The second"]
    assert farms[0]["farmId"] == before[0]["farmId"]


@pytest.mark.parametrize("command", [("stop",), ("env",), ("exec", "--", "true")])
def test_without_a_farm_a_command_says_where_it_looked(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = invoked(command[0], "--data-dir", tmp_path, *command[1:])

    assert done.exit_code == 1
    assert f"No farm is running in {tmp_path}" in done.output


@pytest.mark.parametrize(
    ("host", "message"),
    [("0.0.0.0", "--allow-remote"), ("192.0.2.7", "--allow-remote"), ("nowhere", "no IP address")],
)
def test_a_host_that_others_can_reach_is_refused(tmp_path: Path, host: str, message: str) -> None:
    done = invoked("start", "--host", host, "--port", "0", "--data-dir", tmp_path / "farm")

    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "farm").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "70000"), ("--port", "here"), ("--workers", "-1"), ("--s3-endpoint", "127.0.0.1:8333")],
)
def test_an_option_that_means_nothing_is_named(tmp_path: Path, option: str, value: str) -> None:
    done = invoked("start", option, value, "--data-dir", tmp_path / "farm")

    assert done.exit_code == 2
    assert option in done.output
    assert value in done.output
    assert not (tmp_path / "farm").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are no signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, getattr(signal, "SIGHUP", 0)])
def test_a_farm_in_the_foreground_ends_when_asked_to_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "local_farm", "start", "--ephemeral", "--port", "0", "--workers", "1"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.rpartition(":")[2].rstrip(".\n"))
        while "Ctrl-C" not in line:
            line = process.stdout.readline()
        process.send_signal(number)
        process.stdout.read()
        assert process.wait(LIMIT) == 0

    assert list(tmp_path.iterdir()) == []
    with contextlib.closing(socket.create_server(("127.0.0.1", port))) as listener:
        assert listener.getsockname()[1] == port


def test_exec_runs_a_command_with_a_farm_just_for_it(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}

    done = local_farm("exec", "--ephemeral", "--", sys.executable, "-c", LIST_FARMS, env=environment)

    assert done.returncode == 0
    assert done.stdout.strip() == "['Local farm']"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are no signals there")
def test_exec_ends_its_command_and_its_farm_when_asked_to(tmp_path: Path) -> None:
    code = "import time; print('sleeping', flush=True); time.sleep(600)"
    command = [sys.executable, "-m", "local_farm", "exec", "--ephemeral", "--", sys.executable, "-c", code]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sleeping\n"
        process.terminate()
        # The end of the stream: the command that had it is gone as well.
        assert process.stdout.read() == ""
        assert process.wait(LIMIT) == 128 + signal.SIGTERM

    assert list(tmp_path.iterdir()) == []
