"""``deadline mcp-server`` as an assistant starts it: a process, spoken to over its standard input and output."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Awaitable, Callable

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from deadline.client import version
from local_farm.farm import LocalFarm

if TYPE_CHECKING:
    from conftest import Service

DEADLINE = str(Path(sysconfig.get_path("scripts"), "deadline"))
LIMIT = 60


def in_a_session(environment: dict[str, str], conversation: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    """What ``conversation`` with a server process of those variables returns."""

    async def run() -> Any:
        parameters = StdioServerParameters(command=DEADLINE, args=["mcp-server"], env=environment)
        with anyio.fail_after(LIMIT):
            async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
                return await conversation(session)

    return anyio.run(run)


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [DEADLINE, *arguments, "mcp-server"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def request(number: int, method: str, **parameters: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}) + "\n"


INITIALIZE = (
    request(
        1,
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    )
    + '{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'
)


def test_the_server_introduces_itself_and_its_one_tool(environment: dict[str, str]) -> None:
    async def conversation(session: ClientSession) -> Any:
        return await session.initialize(), await session.list_tools()

    introduction, listed = in_a_session(environment, conversation)

    assert introduction.server_info.name == "deadline-cloud"
    assert introduction.server_info.version == version
    assert introduction.capabilities.tools is not None
    assert introduction.capabilities.resources is None
    assert introduction.capabilities.prompts is None
    assert len(introduction.instructions.splitlines()) < 30
    (tool,) = listed.tools
    assert tool.name == "deadline_list_farms"
    assert set(tool.input_schema["properties"]) == {"principal_id"}
    assert tool.input_schema["additionalProperties"] is False
    assert tool.output_schema["required"] == ["farms"]
    assert tool.annotations.read_only_hint


def test_list_farms_answers_the_name_and_id_of_the_farm_and_leaves_the_settings_alone(
    farm: LocalFarm, tmp_path: Path
) -> None:
    environment = {**farm.environment(), "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    settings = Path(environment["DEADLINE_CONFIG_FILE_PATH"])
    before = settings.read_bytes()

    async def conversation(session: ClientSession) -> Any:
        await session.initialize()
        return await session.call_tool("deadline_list_farms", {})

    result = in_a_session(environment, conversation)

    assert not result.is_error
    (listed,) = result.structured_content["farms"]
    assert listed["displayName"] == "Local farm"
    assert listed["farmId"] in before.decode()
    assert listed["region"] == environment["AWS_DEFAULT_REGION"]
    assert settings.read_bytes() == before


def test_an_endpoint_that_cannot_be_reached_is_a_tool_error_that_says_what_to_do(environment: dict[str, str]) -> None:
    environment["AWS_ENDPOINT_URL_DEADLINE"] = "http://127.0.0.1:9"

    async def conversation(session: ClientSession) -> Any:
        await session.initialize()
        return await session.call_tool("deadline_list_farms", {})

    result = in_a_session(environment, conversation)

    assert result.is_error
    assert result.structured_content["code"] == "OFFLINE"
    assert result.structured_content["retryable"] is True
    assert "http://127.0.0.1:9" in result.structured_content["message"]
    assert "settings.https_proxy" in result.structured_content["hint"]


def test_pings_are_answered_while_a_tool_waits_for_aws(environment: dict[str, str], service: Service) -> None:
    asked, answered = threading.Event(), threading.Event()

    def answer(request: Any) -> tuple[int, dict[str, Any]]:
        asked.set()
        assert answered.wait(LIMIT)
        return 200, {"farms": []}

    service.answer = answer
    environment["AWS_ENDPOINT_URL_DEADLINE"] = service.url

    async def conversation(session: ClientSession) -> Any:
        await session.initialize()
        async with anyio.create_task_group() as group:
            group.start_soon(session.call_tool, "deadline_list_farms", {})
            await anyio.to_thread.run_sync(asked.wait, LIMIT)
            for _ in range(20):
                await session.send_ping()
            waiting = not answered.is_set()
            answered.set()
        return waiting

    try:
        assert in_a_session(environment, conversation)
    finally:
        answered.set()


def test_nothing_but_the_protocol_comes_out_of_stdout_whatever_is_logged(
    environment: dict[str, str], service: Service
) -> None:
    service.refuses("AccessDeniedException")
    environment["AWS_ENDPOINT_URL_DEADLINE"] = service.url
    server = started(environment, "--log-level", "DEBUG")
    assert server.stdin is not None
    assert server.stdout is not None
    with server:
        server.stdin.write(INITIALIZE + request(2, "tools/call", name="deadline_list_farms", arguments={}))
        server.stdin.write("this is not JSON\n" + request(3, "ping"))
        server.stdin.flush()
        answers = []
        while {2, 3} - {answer.get("id") for answer in answers}:
            answers.append(json.loads(server.stdout.readline()))
        rest, logs = server.communicate(timeout=LIMIT)

    assert [json.loads(line) for line in rest.splitlines()] == []
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert next(a for a in answers if a.get("id") == 2)["result"]["isError"] is True
    assert "DEBUG:" in logs


def test_the_server_ends_in_good_order_with_its_input(environment: dict[str, str]) -> None:
    with started(environment) as server:
        out, logs = server.communicate(INITIALIZE, timeout=LIMIT)

    assert server.returncode == 0
    assert len(out.splitlines()) == 1
    assert logs == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there")
def test_ctrl_c_ends_the_server_at_once(environment: dict[str, str]) -> None:
    server = started(environment)
    assert server.stdin is not None
    assert server.stdout is not None
    with server:
        server.stdin.write(INITIALIZE)
        server.stdin.flush()
        assert "deadline-cloud" in server.stdout.readline()
        server.send_signal(signal.SIGINT)

        assert server.wait(timeout=10) == -signal.SIGINT


def test_help_says_how_an_assistant_is_told_of_the_server(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [DEADLINE, "mcp-server", "--help"],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )

    assert '{"mcpServers": {"deadline-cloud": {"command": "deadline", "args": ["mcp-server"]}}}' in done.stdout


def test_the_server_needs_no_qt(environment: dict[str, str]) -> None:
    script = (
        "import sys, deadline.mcp, deadline.mcp.server\n"
        "print(sorted(n for n in sys.modules if n.startswith(('qtpy', 'PySide', 'PyQt', 'deadline.client.ui'))))"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_help_of_the_command_does_not_load_the_sdk(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, deadline.mcp.cli_commands; print('mcp' in sys.modules)"],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )

    assert done.stdout.strip() == "False"
