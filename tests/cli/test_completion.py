"""Completing words with the Tab key."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

import pytest

from deadline.client.cli.completion.lookup import find_resources
from deadline.client.cli.completion.recent import SECONDS_TO_KEEP, SECONDS_TO_KEEP_FAILURES
from deadline.client.config.config_file import SETTINGS, get_cache_directory

LIMIT = 60
BASH = shutil.which("bash")

Complete = Callable[..., "list[str]"]


@pytest.fixture
def complete(home: Path) -> Complete:
    """``complete("job", "get", "--job-id", "")`` gives what a shell is told of the last word, which has been begun."""

    def ask(*words: str, shell: str = "fish") -> list[str]:
        environment = {
            **os.environ,
            "_DEADLINE_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": " ".join(["deadline", *words[:-1]]) if shell == "fish" else " ".join(["deadline", *words]),
            "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
        }
        command = [sys.executable, "-m", "deadline"]
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
            stdin=subprocess.DEVNULL,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [line for line in done.stdout.splitlines() if line]

    return ask


@pytest.fixture
def values(complete: Complete) -> Complete:
    """The same without the texts beside the values."""

    def ask(*words: str) -> list[str]:
        return [line.partition(",")[2].split("\t")[0] for line in complete(*words)]

    return ask


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str, deadline: Any) -> None:
    result = deadline("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert "_deadline_completion" in result.out
    assert f"_DEADLINE_COMPLETE={shell}_complete" in result.out


def test_another_shell_is_a_usage_error(deadline: Any) -> None:
    assert deadline("completion", "cmd").code == 2
    assert deadline("completion").code == 2


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
def test_bash_completes_with_the_script(deadline: Any, home: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "deadline"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m deadline "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "script").write_text(deadline("completion", "bash").out, encoding="utf-8")
    test = f"""
        source {tmp_path}/script
        complete -p deadline
        for line in "deadline man" "deadline manifest d" "deadline config get settings.log" "deadline queue get --far"; do
            COMP_WORDS=($line) COMP_CWORD=$(( $(wc -w <<< "$line") - 1 )) COMPREPLY=()
            _deadline_completion deadline
            echo "${{COMPREPLY[*]}}"
        done
    """

    done = subprocess.run(
        [str(BASH), "--norc", "-euc", test],
        env={**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )

    assert (done.returncode, done.stderr) == (0, "")
    registered, *replies = done.stdout.splitlines()
    assert "_deadline_completion deadline" in registered
    assert replies == ["manifest", "diff download", "settings.log_level", "--farm-id"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_see_what_commands_are_for(shell: str, complete: Complete) -> None:
    said = "\n".join(complete("config", "g", shell=shell))
    assert "get" in said
    assert "Print the value of the setting" in said
    assert "gui" in said
    assert "Show and change the settings in a window." in said


def test_names_of_settings_and_their_values_are_offered(values: Complete) -> None:
    assert values("config", "set", "") == list(SETTINGS)
    assert values("config", "clear", "telemetry.o") == ["telemetry.opt_out"]
    assert values("config", "set", "telemetry.opt_out", "") == ["true", "false"]
    assert values("config", "set", "settings.log_level", "W") == ["WARNING"]
    assert "SKIP" in values("config", "set", "settings.conflict_resolution", "")
    assert values("config", "set", "settings.s3_max_pool_connections", "") == []


def test_profiles_and_regions_are_offered(values: Complete, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "aws-config").write_text("[default]\n[profile studio]\n[profile stage]\n", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "us-west-2,eu-west-1")
    assert values("farm", "list", "--profile", "st") == ["studio", "stage"]
    assert values("config", "set", "defaults.aws_profile_name", "") == ["default", "studio", "stage"]
    assert values("farm", "get", "--region", "") == ["us-west-2", "eu-west-1"]


def test_files_are_left_to_the_shell(complete: Complete) -> None:
    assert complete("bundle", "submit", "my-") == ["file,my-"]
    assert complete("manifest", "snapshot", "--root", "") == ["dir,"]
    assert complete("--redirect-output", "o") == ["file,o"]


def test_ids_come_from_the_service_with_names_beside_them(farm: Any, complete: Complete, ended: Any) -> None:
    queue = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)
    assert f"plain,{farm.queue_id}\t{queue['displayName']}" in complete("queue", "get", "--queue-id", "queue-")
    jobs = complete("job", "get", "--job-id", "")
    newest, older = (f"plain,{ended.failed}\tIt fails FAILED", f"plain,{ended.frames}\tTwo frames SUCCEEDED")
    assert jobs.index(newest) < jobs.index(older)


def test_every_kind_of_resource_is_found(farm: Any) -> None:
    def found(kind: str, **given: str) -> set[str]:
        return {value for value, _ in find_resources(kind, given)}

    assert farm.farm_id in found("farm")
    assert farm.fleet_id in found("fleet", farm_id=farm.farm_id)
    workers = farm.client.list_workers(farmId=farm.farm_id, fleetId=farm.fleet_id)["workers"]
    assert found("worker", fleet_id=farm.fleet_id) == {worker["workerId"] for worker in workers}
    assert found("worker") == set()
    profiles = farm.client.list_storage_profiles_for_queue(farmId=farm.farm_id, queueId=farm.queue_id)
    assert found("storage-profile") == {one["storageProfileId"] for one in profiles["storageProfiles"]}


def test_options_before_say_where_the_resources_are(farm: Any, values: Complete) -> None:
    other = farm.client.create_farm(displayName="Another one")["farmId"]
    try:
        queue = farm.client.create_queue(farmId=other, displayName="The queue there")["queueId"]
        try:
            assert values("queue", "get", "--farm-id", other, "--queue-id", "") == [queue]
            assert find_resources("job", {"farm_id": other, "queue_id": queue}) == []
        finally:
            farm.client.delete_queue(farmId=other, queueId=queue)
    finally:
        farm.client.delete_farm(farmId=other)


def test_what_was_found_is_remembered_for_seconds(farm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(get_cache_directory(), "completion")

    def queues() -> list[str]:
        return [value for value, _ in find_resources("queue", {})]

    def remember_made_up(age: float) -> None:
        content = {"time": time.time() - age, "items": [["queue-remembered", "x"]]}
        file.write_text(json.dumps(content), encoding="utf-8")

    found = queues()
    assert farm.queue_id in found
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o077 == 0
    (file,) = folder.iterdir()
    remember_made_up(0)
    assert queues() == ["queue-remembered"]
    for age in (SECONDS_TO_KEEP + 1, -1000):
        remember_made_up(age)
        assert queues() == found
    file.write_text("[half a fi", encoding="utf-8")
    assert queues() == found

    remember_made_up(0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    assert queues() == found
    assert len(list(folder.iterdir())) == 2


def test_a_service_that_does_not_answer_is_waited_for_once(
    farm: Any, home: Path, monkeypatch: pytest.MonkeyPatch, fresh_clients: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert find_resources("queue", {"farm_id": farm.farm_id}, seconds=0.3) == []
        silent.settimeout(LIMIT)
        connection, _ = silent.accept()
        connection.close()
        (file,) = Path(get_cache_directory(), "completion").iterdir()
        content = json.loads(file.read_text(encoding="utf-8"))
        assert content["items"] is None
        assert find_resources("queue", {"farm_id": farm.farm_id}, seconds=LIMIT) == []
        file.write_text(json.dumps({**content, "time": content["time"] - SECONDS_TO_KEEP_FAILURES - 1}), "utf-8")
        assert find_resources("queue", {"farm_id": farm.farm_id}, seconds=0.3) == []
        silent.accept()[0].close()


def test_a_failure_offers_nothing_and_says_nothing(
    values: Complete, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "nowhere-1")
    assert values("queue", "get", "--queue-id", "") == []
    assert values("job", "get", "--farm-id", "no farm]", "--job-id", "") == []
    (home / "settings").write_text("this is no settings file", encoding="utf-8")
    assert values("farm", "get", "--farm-id", "") == []
    assert values("farm", "get", "--profile", "") == []
    assert "--farm-id" in values("farm", "get", "--")


def test_completing_words_of_its_own_loads_nothing_heavy(home: Path) -> None:
    environment = {
        **os.environ,
        "_DEADLINE_COMPLETE": "bash_complete",
        "COMP_WORDS": "deadline config set settings.log_level ",
        "COMP_CWORD": "4",
    }
    command = [sys.executable, "-X", "importtime", "-m", "deadline"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=LIMIT)
    assert "plain,WARNING" in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "deadline.client.cli.completion.values" in loaded
    assert not loaded & {"boto3", "botocore", "yaml", "openjd", "deadline.client.api", "deadline.job_attachments"}
