"""What is sent, to whom, and what is not. The service is a server on loopback."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import threading
import time
import traceback
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

from deadline.client import version
from deadline.client.auth.telemetry import (
    TelemetryClient,
    get_deadline_cloud_library_telemetry_client,
    get_telemetry_client,
    record_function_latency_telemetry_event,
    record_success_fail_telemetry_event,
)
from deadline.client.auth.telemetry.opt_out import is_opted_out
from deadline.client.auth.telemetry.sender import THREAD_NAME
from deadline.client.auth.telemetry.stack_traces import sanitize_exception
from deadline.client.config import config_file, get_setting, set_setting
from deadline.client.exceptions import UserInitiatedCancel

from .conftest import SecureWeb, Service

PATH = "/2023-10-12/telemetry"
OPT_OUT = "DEADLINE_CLOUD_TELEMETRY_OPT_OUT"
STS = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


def wait_until(condition: Callable[[], Any], limit: float = 20) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "what was waited for has not happened"
        time.sleep(0.005)


def events(service: Service) -> list[dict[str, Any]]:
    """The events that have arrived, each with its details as an object."""
    batches = [json.loads(request.body) for request in list(service.requests) if request.path == PATH]
    found = [event for batch in batches for event in batch["RumEvents"]]
    return [{**event, "details": json.loads(event["details"])} for event in found]


def types(service: Service) -> list[str]:
    return [event["type"].rsplit(".", 1)[1] for event in events(service)]


@pytest.fixture
def opted_in(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that takes telemetry, and a user who has not opted out; nothing of ours runs on after the test."""
    monkeypatch.delenv(OPT_OUT)
    monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
    service.answers_with(PATH, 200, {})
    service.answers_with("/", 200, STS)
    library = get_deadline_cloud_library_telemetry_client
    monkeypatch.setenv(OPT_OUT, "true")
    library().close(10)
    monkeypatch.delenv(OPT_OUT)
    yield service
    monkeypatch.setenv(OPT_OUT, "true")
    library().close(10)
    wait_until(lambda: THREAD_NAME not in [thread.name for thread in threading.enumerate()])


@pytest.fixture
def client(opted_in: Service) -> Iterator[TelemetryClient]:
    client = get_telemetry_client(f"submitter-{uuid.uuid4()}", "1.2.3.4.dev0")
    yield client
    client.close(10)


def test_an_event_says_what_happened_where_and_to_whom(client: TelemetryClient, opted_in: Service) -> None:
    client.update_common_details({"host": "Maya"})
    client.record_event("com.amazon.rum.deadline.example", {"frames": 24}, from_gui=True)
    wait_until(lambda: len(events(opted_in)) == 2)

    start, example = (json.loads(request.body) for request in opted_in.requests if request.path == PATH)
    assert set(example) == {"BatchId", "RumEvents", "UserDetails"}
    (event,) = example["RumEvents"]
    assert start["RumEvents"][0]["type"] == "com.amazon.rum.deadline.process_start"
    assert event["type"] == "com.amazon.rum.deadline.example"
    assert abs(event["timestamp"] - time.time()) < 60
    assert json.loads(event["details"]) == {
        "frames": 24,
        "usage_mode": "GUI",
        "host": "Maya",
        "deadline-cloud-version": version,
        "invoked_by": "HUMAN",
        "accountId": "123456789012",
    }
    metadata = json.loads(event["metadata"])
    assert set(metadata) == {"service", "version", "python_version", "osName", "osVersion"}
    assert metadata["service"] == client.package_name
    assert metadata["version"] == "1.2.3"
    assert example["UserDetails"] == start["UserDetails"]
    assert example["UserDetails"]["userId"] == get_setting("telemetry.identifier")
    assert len({example["BatchId"], start["BatchId"], event["id"], example["UserDetails"]["sessionId"]}) == 4


def test_the_details_of_the_caller_go_before_ours_and_stay_the_callers(
    client: TelemetryClient, opted_in: Service
) -> None:
    said = {"usage_mode": "MCP"}
    client.record_event("x.example", said)
    wait_until(lambda: len(events(opted_in)) == 2)

    assert events(opted_in)[1]["details"]["usage_mode"] == "MCP"
    assert said == {"usage_mode": "MCP"}


def test_agents_and_the_monitors_session_and_user_are_told(
    opted_in: Service, aws_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_AGENT", "Helper_2")
    aws_config.write_text(
        "[profile studio]\nregion=us-west-2\naws_access_key_id=k\naws_secret_access_key=s\n"
        "monitor_id=monitor-1\nuser_id=user-1\nidentity_store_id=store-1\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "studio")
    with (tmp_path / "deadline-config").open("a", encoding="utf-8") as file:
        file.write(
            "[deadline-cloud-monitor]\nsession_id = any\n[profile-studio deadline-cloud-monitor]\nsession_id = %1\n"
        )

    client = get_deadline_cloud_library_telemetry_client()
    wait_until(lambda: events(opted_in))
    client.close(10)

    (event,) = events(opted_in)
    details, metadata = event["details"], json.loads(event["metadata"])
    assert (details["invoked_by"], details["agent_name"], details["monitor_session_id"]) == ("AGENT", "helper", "%1")
    assert "deadline-cloud-version" not in details
    assert (metadata["user_id"], metadata["monitor_id"]) == ("user-1", "monitor-1")


def test_an_account_that_nobody_tells_is_left_out(opted_in: Service, client: TelemetryClient) -> None:
    opted_in.answers_with("/", 403, b"no")
    wait_until(lambda: events(opted_in))

    assert "accountId" not in events(opted_in)[0]["details"]


def test_the_same_program_gets_the_same_client(client: TelemetryClient) -> None:
    assert get_telemetry_client(client.package_name, "9.9.9") is client
    assert get_deadline_cloud_library_telemetry_client() is not client


def test_errors_are_told_by_type_and_place_without_their_message_or_the_users_folders(
    client: TelemetryClient, opted_in: Service
) -> None:
    try:
        try:
            raise ValueError("secret cause")
        except ValueError as cause:
            raise RuntimeError("secret message") from cause
    except RuntimeError as error:
        client.record_error_with_trace(error, "on_submit", {"step": 3}, from_gui=True)
    client.record_error({"step": 4}, "OSError")
    wait_until(lambda: len(events(opted_in)) == 3)

    traced, named = (event["details"] for event in events(opted_in)[1:])
    assert (traced["exception_type"], traced["exception_scope"], traced["step"]) == ("RuntimeError", "on_submit", 3)
    assert traced["usage_mode"] == "GUI"
    assert "direct cause" in traced["stack_trace"]
    assert "secret" not in json.dumps(events(opted_in))
    assert os.path.dirname(__file__) not in traced["stack_trace"]
    assert (named["exception_type"], named["step"], named["usage_mode"]) == ("OSError", 4, "CLI")


def test_a_user_who_cancels_is_no_error(client: TelemetryClient, opted_in: Service) -> None:
    client.record_error_with_trace(UserInitiatedCancel(), "on_submit")
    client.record_vfs_mounting(True)
    wait_until(lambda: len(events(opted_in)) == 2)

    assert types(opted_in) == ["process_start", "vfs_mount"]
    assert events(opted_in)[1]["details"]["successfully_mounted"] is True


def test_summaries_of_transfers_are_told_by_their_numbers(client: TelemetryClient, opted_in: Service) -> None:
    names = ("total_files", "total_bytes", "processed_files", "processed_bytes", "skipped_files", "skipped_bytes")
    numbers = {"total_time": 1.5, "transfer_rate": 8.5, **{name: number for number, name in enumerate(names)}}
    client.record_hashing_summary(SimpleNamespace(**numbers, file_names=["secret"]), from_gui=True)
    client.record_upload_summary(SimpleNamespace(**numbers))
    wait_until(lambda: len(events(opted_in)) == 3)

    assert types(opted_in)[1:] == ["hashing_summary", "upload_summary"]
    for event in events(opted_in)[1:]:
        assert numbers.items() <= event["details"].items()
        assert "file_names" not in event["details"]


def test_nothing_that_is_recorded_raises(client: TelemetryClient, opted_in: Service) -> None:
    client.record_event("x.example", None)  # type: ignore[arg-type]
    client.record_hashing_summary(object())
    client.record_event("x.unserialisable", {"value": object()})
    client.record_event("x.later", {})
    wait_until(lambda: len(events(opted_in)) == 2)

    assert types(opted_in) == ["process_start", "later"]


@pytest.mark.parametrize("word", ["true", "TRUE", "Yes", "on", "1", " true ", "banana"])
def test_the_variable_opts_out_in_any_case_and_where_it_is_not_understood_f_19(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPT_OUT, word)
    set_setting("telemetry.opt_out", "false")

    assert is_opted_out() is True


@pytest.mark.parametrize("word", ["false", "NO", "off", "0"])
def test_the_variable_can_say_no_f_19(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPT_OUT, word)
    set_setting("telemetry.opt_out", "true")

    assert is_opted_out() is False


@pytest.mark.parametrize(("stored", "is_out"), [("true", True), ("false", False), ("banana", True)])
def test_without_the_variable_the_setting_decides_f_19(
    stored: str, is_out: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPT_OUT, " ")
    assert is_opted_out() is False
    (tmp_path / "deadline-config").write_text(f"[telemetry]\nopt_out = {stored}\n", encoding="utf-8")

    assert is_opted_out() is is_out


def test_a_settings_file_that_cannot_be_read_counts_as_opting_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OPT_OUT)
    (tmp_path / "deadline-config").write_text("nonsense", encoding="utf-8")

    assert is_opted_out() is True


def test_who_opts_out_has_no_thread_no_identifier_and_sends_nothing_f_20(opted_in: Service, tmp_path: Path) -> None:
    private = config_file.read_config()
    set_setting("telemetry.opt_out", "true", private)

    client = get_telemetry_client(f"submitter-{uuid.uuid4()}", "1.0", private)
    client.record_event("x.example", {})
    client.record_error_with_trace(ValueError(), "on_submit")

    assert not client.is_initialized
    assert THREAD_NAME not in [thread.name for thread in threading.enumerate()]
    assert not (tmp_path / "deadline-config").exists()
    assert opted_in.requests == []


def test_who_opts_out_later_sends_nothing_more_and_may_opt_in_again(client: TelemetryClient, opted_in: Service) -> None:
    wait_until(lambda: events(opted_in))
    set_setting("telemetry.opt_out", "true")
    client.record_event("x.unwanted", {})
    client.set_opt_out()
    assert not client.is_initialized

    set_setting("telemetry.opt_out", "false")
    assert get_telemetry_client(client.package_name, "1.0") is client
    client.record_event("x.wanted", {})
    wait_until(lambda: "wanted" in types(opted_in))

    assert types(opted_in) == ["process_start", "process_start", "wanted"]


def test_what_is_queued_when_the_user_opts_out_is_dropped(client: TelemetryClient, opted_in: Service) -> None:
    sending, go_on = threading.Event(), threading.Event()

    def answer(request: Any) -> tuple[int, Any]:
        sending.set()
        assert go_on.wait(20)
        return 200, {}

    opted_in.answers[PATH] = answer
    assert sending.wait(20)
    client.record_event("x.unwanted", {})
    set_setting("telemetry.opt_out", "true")
    go_on.set()
    client.close(10)

    assert types(opted_in) == ["process_start"]


def test_the_identifier_is_made_when_it_is_sent_and_saved_alone_f_20(opted_in: Service, tmp_path: Path) -> None:
    private = config_file.read_config()
    set_setting("defaults.farm_id", "farm-of-this-call", private)
    client = get_telemetry_client(f"submitter-{uuid.uuid4()}", "1.0", private)
    wait_until(lambda: events(opted_in))
    client.close(10)

    assert str(uuid.UUID(get_setting("telemetry.identifier"))) == get_setting("telemetry.identifier")
    assert "farm-of-this-call" not in (tmp_path / "deadline-config").read_text(encoding="utf-8")


def test_an_identifier_that_is_none_is_replaced(opted_in: Service, tmp_path: Path) -> None:
    set_setting("telemetry.identifier", "banana")
    client = get_telemetry_client(f"submitter-{uuid.uuid4()}", "1.0")
    wait_until(lambda: events(opted_in))
    client.close(10)

    request = next(request for request in opted_in.requests if request.path == PATH)
    assert json.loads(request.body)["UserDetails"]["userId"] == get_setting("telemetry.identifier") != "banana"


def test_the_media_type_is_what_every_client_has_sent_so_far_f_21(client: TelemetryClient, opted_in: Service) -> None:
    """Not a name of a media type; pinned until it is known whether the service takes the real one."""
    wait_until(lambda: events(opted_in))

    request = next(request for request in opted_in.requests if request.path == PATH)
    assert (request.headers["Content-Type"], request.headers["Accept"]) == ("application-json", "application-json")


@pytest.mark.parametrize("status", [400, 429, 503])
def test_an_event_that_does_not_get_through_is_dropped_and_later_ones_are_sent_f_22(
    status: int, client: TelemetryClient, opted_in: Service
) -> None:
    opted_in.answers[PATH] = lambda _: (200 if len(events(opted_in)) > 1 else status, {})
    wait_until(lambda: events(opted_in))
    client.record_event("x.later", {})
    wait_until(lambda: len(events(opted_in)) == 2)

    assert types(opted_in) == ["process_start", "later"]


def test_no_more_events_wait_than_the_queue_holds(client: TelemetryClient, opted_in: Service) -> None:
    sending, go_on = threading.Event(), threading.Event()

    def answer(request: Any) -> tuple[int, Any]:
        sending.set()
        assert go_on.wait(20)
        return 200, {}

    opted_in.answers[PATH] = answer
    assert sending.wait(20)
    for number in range(100):
        client.record_event("x.example", {"number": number})
    go_on.set()
    client.close(20)

    assert [event["details"]["number"] for event in events(opted_in)[1:]] == list(range(25))


SCRIPT = """
import sys
from deadline.client.auth.session import get_boto3_client
from deadline.client.auth.telemetry import get_deadline_cloud_library_telemetry_client
get_boto3_client("deadline")
client = get_deadline_cloud_library_telemetry_client()
for _ in range(30):
    client.record_event("x.example", {})
input()
print("over", flush=True)
"""


def test_a_service_that_does_not_answer_delays_no_programs_end_f_23(opted_in: Service) -> None:
    """The limit is half a second; the test allows for a slow machine, and for ever is what it must not be."""
    asked, go_on = threading.Event(), threading.Event()

    def answer(request: Any) -> tuple[int, Any]:
        asked.set()
        assert go_on.wait(60)
        return 200, {}

    opted_in.answers[PATH] = answer
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], text=True, **pipes) as process:
        try:
            assert asked.wait(60)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "over\n"
            begin = time.monotonic()
            assert process.wait(30) == 0
            assert time.monotonic() - begin < 2.5
        finally:
            process.kill()
            go_on.set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_sends_its_own_events(client: TelemetryClient, opted_in: Service) -> None:
    wait_until(lambda: events(opted_in))
    child = os.fork()
    if child == 0:
        try:
            client.record_event("x.from_the_child", {})
            client.close(20)
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert types(opted_in) == ["process_start", "from_the_child"]


def test_proxy_and_certificates_of_the_settings_serve_telemetry_f_12(
    secure_web: SecureWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OPT_OUT)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "https://deadline.example.com")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "https://sts.example.com")
    secure_web.service.answers_with(PATH, 200, {})
    secure_web.service.answers_with("/", 200, STS)
    set_setting("settings.https_proxy", secure_web.proxy)
    set_setting("settings.ca_bundle", str(secure_web.ca_bundle))

    client = get_telemetry_client(f"submitter-{uuid.uuid4()}", "1.0")
    wait_until(lambda: events(secure_web.service))
    client.close(10)

    assert secure_web.hosts == ["sts.example.com", "management.deadline.example.com"]
    assert secure_web.authorizations[1] == "Basic c3R1ZGlvOnBAc3M="  # studio:p@ss
    assert events(secure_web.service)[0]["details"]["accountId"] == "123456789012"


def test_a_call_is_recorded_with_its_time_and_result(opted_in: Service) -> None:
    @record_function_latency_telemetry_event(details_provider=lambda farm, missing="none": {"farm": farm})
    def render(farm: str, frames: int = 1, from_gui: bool = False) -> int:
        """Renders."""
        if frames < 0:
            raise ValueError("secret")
        return frames

    assert render("farm-1", frames=3, from_gui=True) == 3
    with pytest.raises(ValueError, match="secret"):
        render("farm-2", -1)
    wait_until(lambda: len(events(opted_in)) == 3)

    done, failed = (event["details"] for event in events(opted_in)[1:])
    assert types(opted_in)[1:] == ["latency", "latency"]
    assert done["function_call"] == "render"
    assert (done["is_success"], done["usage_mode"], done["farm"]) == (True, "GUI", "farm-1")
    assert done["latency"] > 0
    assert "exception_type" not in done
    assert (failed["is_success"], failed["usage_mode"], failed["exception_type"]) == (False, "CLI", "ValueError")
    assert list(inspect.signature(render).parameters) == ["farm", "frames", "from_gui"]
    assert render.__doc__ == "Renders."


def test_success_and_failure_are_events_of_their_own(opted_in: Service) -> None:
    @record_success_fail_telemetry_event(metric_name="asset_upload", event_details={"files": 2})
    def upload(fail: bool, from_gui: bool = False) -> None:
        if fail:
            raise KeyError("secret")

    @record_success_fail_telemetry_event()
    def create_job() -> str:
        return "job-1"

    upload(False, True)
    with pytest.raises(KeyError):
        upload(True)
    assert create_job() == "job-1"
    wait_until(lambda: len(events(opted_in)) == 4)

    assert types(opted_in)[1:] == ["asset_upload", "asset_upload", "create_job"]
    results = [event["details"] for event in events(opted_in)[1:]]
    assert [result["is_success"] for result in results] == [True, False, True]
    assert [result["usage_mode"] for result in results] == ["GUI", "CLI", "CLI"]
    assert [result.get("exception_type") for result in results] == [None, "KeyError", None]
    assert [result.get("files") for result in results] == [2, 2, None]


def _fails(**arguments: Any) -> dict[str, Any]:
    raise RuntimeError


@pytest.mark.parametrize("provider", [_fails, lambda **_: "no mapping"])
def test_a_provider_of_details_that_fails_changes_nothing(provider: Any, opted_in: Service) -> None:
    @record_function_latency_telemetry_event(details_provider=provider, metric_name="rendering")
    def render(frames: int) -> int:
        return frames

    assert render(3) == 3
    with pytest.raises(TypeError, match="frames"):
        render()  # type: ignore[call-arg]
    wait_until(lambda: len(events(opted_in)) == 3)

    assert [event["details"]["function_call"] for event in events(opted_in)[1:]] == ["rendering", "rendering"]


def test_who_opts_out_is_not_even_asked_for_details() -> None:
    asked: list[Any] = []

    @record_function_latency_telemetry_event(details_provider=lambda **arguments: asked.append(arguments))
    @record_success_fail_telemetry_event()
    def render(frames: int) -> int:
        return frames

    assert render(3) == 3
    assert asked == []
    assert not get_deadline_cloud_library_telemetry_client().is_initialized


def test_a_trace_names_libraries_by_package_and_other_files_by_name_alone() -> None:
    try:
        config_file.get_setting("nonsense")
    except Exception as error:
        text = sanitize_exception(error)

    assert text.startswith("Traceback (most recent call last):\n")
    assert '  File "test_telemetry.py", line ' in text
    assert '  File "deadline/client/config/_values.py", line ' in text
    assert text.endswith("\ndeadline.client.exceptions.DeadlineOperationError\n")
    assert text.count("\n") == len(traceback.extract_tb(error_of(config_file.get_setting).__traceback__)) + 2


def error_of(function: Any) -> Exception:
    try:
        function("nonsense")
    except Exception as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("<frozen importlib>", "<frozen importlib>"),
        ("/home/me/secret/project/render.py", "render.py"),
        ("C:\\Users\\me\\secret\\render.py", "render.py"),
        ("/opt/python/lib/python3.11/site-packages/qtpy/core.py", "qtpy/core.py"),
        ("C:\\Python\\Lib\\site-packages\\qtpy\\core.py", "qtpy/core.py"),
        ("/home/me/site-packages/secret/core.py", "core.py"),
        ("/home/me/deadline/secret/core.py", "core.py"),
    ],
)
def test_names_of_the_users_folders_are_left_out_of_traces(file: str, shown: str) -> None:
    try:
        exec(compile("raise ValueError('secret')", file, "exec"), {})
    except ValueError as error:
        text = sanitize_exception(error)

    assert f'File "{shown}", line 1' in text
    assert "secret" not in text


def test_what_led_to_an_error_comes_before_it() -> None:
    def handled(suppress: bool) -> str:
        try:
            try:
                raise ValueError
            except ValueError:
                if suppress:
                    raise KeyError from None
                raise KeyError  # noqa: B904
        except KeyError as error:
            return sanitize_exception(error)

    both = handled(suppress=False)
    assert both.index("ValueError\n") < both.index("During handling") < both.index("KeyError\n")
    assert "ValueError" not in handled(suppress=True)
