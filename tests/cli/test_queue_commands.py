"""The job parameters that a queue adds, and credentials of its role."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

NOWHERE = "0" * 32

ENVIRONMENT = """\
specificationVersion: environment-2023-09
parameterDefinitions:
- name: {name}
  type: {type}
  default: {default}
environment:
  name: {environment}
  variables: {{X: x}}
"""


@pytest.fixture
def queue_id(farm: Any) -> str:
    """A queue without environments."""
    return str(farm.client.create_queue(farmId=farm.farm_id, displayName="Queue of parameters")["queueId"])


def add_environment(farm: Any, queue_id: str, priority: int, **members: str) -> None:
    template = ENVIRONMENT.format(**{"type": "STRING", "default": "''", "environment": "Env", **members})
    farm.client.create_queue_environment(
        farmId=farm.farm_id, queueId=queue_id, priority=priority, templateType="YAML", template=template
    )


def test_a_queue_without_environments_adds_no_parameters(farm: Any, queue_id: str, deadline: Any) -> None:
    result = deadline("queue", "paramdefs", "--queue-id", queue_id)
    assert (result.code, result.out, result.err) == (0, "[]\n\n", "")


def test_parameters_come_in_the_order_of_the_environments(farm: Any, queue_id: str, deadline: Any) -> None:
    add_environment(farm, queue_id, 5, name="Second", type="INT", default="3", environment="Late")
    add_environment(farm, queue_id, 1, name="CondaPackages", default="blender", environment="Conda")

    result = deadline("queue", "paramdefs", "--queue-id", queue_id)

    assert (result.code, result.err) == (0, "")
    assert yaml.safe_load(result.out) == [
        {
            "name": "CondaPackages",
            "type": "STRING",
            "default": "blender",
            "userInterface": {"control": "LINE_EDIT", "groupLabel": "Queue Environment: Conda"},
        },
        {
            "name": "Second",
            "type": "INT",
            "default": 3,
            "userInterface": {"control": "SPIN_BOX", "groupLabel": "Queue Environment: Late"},
        },
    ]


def test_environments_that_do_not_agree_are_an_error(farm: Any, queue_id: str, deadline: Any) -> None:
    add_environment(farm, queue_id, 1, name="Same", type="INT", default="3")
    add_environment(farm, queue_id, 2, name="Same")
    result = deadline("queue", "paramdefs", "--queue-id", queue_id)
    assert (result.code, result.out) == (1, "")
    assert "'Same' differently; these fields differ: type" in result.err


def test_an_unknown_queue_is_answered_with_those_there_are(farm: Any, deadline: Any) -> None:
    result = deadline("queue", "paramdefs", "--queue-id", f"queue-{NOWHERE}")
    assert (result.code, result.out) == (1, "")
    assert f"  {farm.queue_id}  Local queue" in result.err


@pytest.mark.parametrize("options", [(), ("--mode", "read"), ("--output-format", "CREDENTIALS_PROCESS")])
def test_credentials_are_one_object_in_the_form_of_a_credential_process(
    options: tuple[str, ...], farm: Any, deadline: Any
) -> None:
    result = deadline("queue", "export-credentials", *options)

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith('{\n  "Version": 1,\n  "AccessKeyId": "')
    assert list(result.json) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
    expires = datetime.datetime.strptime(result.json["Expiration"], "%Y-%m-%dT%H:%M:%S%z")
    assert result.json["Expiration"].endswith("Z")
    assert expires > datetime.datetime.now(datetime.timezone.utc)


def test_boto3_takes_the_credentials(farm: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(f"CALLER_{name}", farm.environment.get(name, ""))
    # In the process that boto3 starts, the user's own credentials are to be had; in this one they are not.
    script = home / "credentials.py"
    script.write_text(
        "import os, sys\n"
        "for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):\n"
        "    os.environ[name] = os.environ['CALLER_' + name]\n"
        "os.environ.pop('AWS_PROFILE', None)\n"
        "sys.argv = ['deadline', 'queue', 'export-credentials']\n"
        "from deadline.client.cli import main\n"
        "main()\n",
        encoding="utf-8",
    )
    config = home / "aws-config"
    config.write_text(
        f"[profile my-queue]\nregion = us-west-2\ncredential_process = {sys.executable} {script}\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)

    credentials = boto3.Session(profile_name="my-queue").get_credentials()

    assert credentials is not None
    assert credentials.method == "custom-process"
    assert credentials.get_frozen_credentials().access_key.startswith("ASIA")


def test_a_queue_whose_role_cannot_be_had_is_an_error_beside_the_output(farm: Any, deadline: Any) -> None:
    result = deadline("queue", "export-credentials", "--queue-id", f"queue-{NOWHERE}")
    assert (result.code, result.out) == (1, "")
    assert f"assume the role of queue queue-{NOWHERE}" in result.err


@pytest.mark.parametrize(
    ("code", "advice"),
    [("AccessDeniedException", "whether you may use it"), ("UnrecognizedClientException", "deadline auth login")],
)
def test_an_error_says_what_to_do(
    code: str, advice: str, deadline: Any, monkeypatch: pytest.MonkeyPatch, refusing: Any
) -> None:
    refusing(code)
    result = deadline("queue", "export-credentials", "--farm-id", f"farm-{NOWHERE}", "--queue-id", f"queue-{NOWHERE}")
    assert (result.code, result.out) == (1, "")
    assert advice in result.err
    assert "Traceback" not in result.err
    assert json.dumps(code) not in result.err


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``refusing(code)`` makes a service on loopback answer every call with an error."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    codes: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"message": "No."}).encode()
            self.send_response(403)
            self.send_header("x-amzn-ErrorType", codes[0])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    for name, value in {
        "AWS_ENDPOINT_URL_DEADLINE": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield codes.append
    server.shutdown()
    thread.join()
    server.server_close()
