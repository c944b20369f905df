"""What a submission tells besides its job: telemetry, the job's page, and a snapshot; and jobs that take too long."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest

from deadline.client import api
from deadline.client.api._submit_job_bundle import hashing_telemetry_callback
from deadline.client.api.submission.create_job import wait_for_create_job_to_complete
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.submit import save_debug_snapshot, submit_job_bundle
from deadline.client.auth.session import invalidate_boto3_session_cache
from deadline.client.auth.telemetry import get_deadline_cloud_library_telemetry_client
from deadline.client.config import get_setting, set_setting
from deadline.client.exceptions import CreateJobWaiterCanceled, DeadlineOperationError, DeadlineOperationTimedOut
from deadline.job_attachments.progress_tracker import SummaryStatistics

from .conftest import Farm, Host, python_step, write_bundle
from .loopback import Loopback, pages

STEPS = [python_step("pass")]
OPT_OUT = "DEADLINE_CLOUD_TELEMETRY_OPT_OUT"
PATH = "/2023-10-12/telemetry"
LIMIT = 30


class Telemetry(ThreadingHTTPServer):
    """Takes telemetry, and passes everything else on to the farm."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(behind).netloc
        self.batches: list[dict[str, Any]] = []

    def events(self) -> dict[str, dict[str, Any]]:
        """The details of the events, by the ends of their types; those of latencies by the functions."""
        found = {}
        for batch in list(self.batches):
            for event in batch["RumEvents"]:
                name, details = event["type"][len("com.amazon.rum.deadline.") :], json.loads(event["details"])
                found[f"latency of {details['function_call']}" if name == "latency" else name] = details
        return found

    def wait_for(self, *names: str) -> dict[str, dict[str, Any]]:
        end = time.monotonic() + LIMIT
        while not set(names) <= self.events().keys():
            assert time.monotonic() < end, f"only {sorted(self.events())} have arrived"
            time.sleep(0.01)
        return self.events()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Telemetry

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == PATH:
            self.server.batches.append(json.loads(body))
            status, headers, content = 200, [], b"{}"
        else:
            connection = http.client.HTTPConnection(self.server.behind, timeout=LIMIT)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            status, headers, content = answer.status, answer.getheaders(), answer.read()
            connection.close()
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        with contextlib.suppress(OSError):
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = _answer

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within the block nobody has opted out; at its end all events are sent."""
    # What another test may have left is of another farm.
    get_deadline_cloud_library_telemetry_client().close(10)
    set_setting("telemetry.opt_out", "false")
    monkeypatch.delenv(OPT_OUT)
    yield
    get_deadline_cloud_library_telemetry_client().close(10)
    monkeypatch.setenv(OPT_OUT, "true")


@pytest.fixture
def telemetry(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telemetry]:
    """The farm behind a server that takes telemetry, and a user who has not opted out."""
    server = Telemetry(os.environ["AWS_ENDPOINT_URL_DEADLINE"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", f"http://127.0.0.1:{server.server_port}")
    invalidate_boto3_session_cache()
    with telling(monkeypatch):
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


def bundle_with_a_file(folder: Path) -> Path:
    folder.mkdir()
    (folder / "scene.ma").write_text(f"scene of {folder}", encoding="utf-8")
    references = {"assetReferences": {"inputs": {"filenames": ["scene.ma"]}}}
    return write_bundle(folder, {"steps": STEPS}, asset_references=references)


def test_telemetry_tells_what_was_submitted_and_how_it_went(telemetry: Telemetry, tmp_path: Path) -> None:
    bundle = bundle_with_a_file(tmp_path / "bundle")

    api.create_job_from_job_bundle(str(bundle), submitter_name="Maya", from_gui=True)

    summaries = ("job_attachments.hashing_summary", "job_attachments.upload_summary")
    latency = "latency of create_job_from_job_bundle"
    events = telemetry.wait_for("submission", "create_job", "asset_upload", latency, *summaries)
    assert events["submission"]["submitter_name"] == "Maya"
    assert events["create_job"]["is_success"] is True
    assert events[latency]["is_success"] is events["asset_upload"]["is_success"] is True
    assert events[latency]["latency"] > 0
    assert "error" not in events
    assert all(events[name]["total_files"] == 1 for name in summaries)
    assert {
        events[name]["usage_mode"] for name in ("submission", "create_job", "asset_upload", latency, *summaries)
    } == {"GUI"}


def test_telemetry_tells_that_a_job_could_not_be_created(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_setting("defaults.farm_id", "farm-1")
    set_setting("defaults.queue_id", "queue-1")
    failed = {"lifecycleStatus": "CREATE_FAILED", "lifecycleStatusMessage": "too many tasks"}
    loopback.operations.update(
        GetQueue=lambda members: {"queueId": "queue-1", "displayName": "Queue"},
        ListQueueEnvironments=pages("environments", []),
        CreateJob=lambda members: {"jobId": "job-1"},
        GetJob=lambda members: failed,
    )
    loopback.operations[PATH] = lambda members: {}

    with telling(monkeypatch), pytest.raises(DeadlineOperationError, match="too many tasks"):
        submit_job_bundle(SubmissionRequest(str(write_bundle(tmp_path / "bundle", {"steps": STEPS}))))

    events = [event for batch in loopback.asked(PATH) for event in batch["RumEvents"]]
    details = {event["type"].rpartition(".")[2]: json.loads(event["details"]) for event in events}
    assert details["submission"]["submitter_name"] == "Custom"
    assert details["create_job"]["is_success"] is False
    assert details["latency"]["function_call"] == "create_job_from_job_bundle"
    assert details["latency"]["is_success"] is False
    assert details["error"]["exception_scope"] == "on_submit"
    assert details["error"]["exception_type"] == details["latency"]["exception_type"]
    assert "too many tasks" not in json.dumps(details)


def test_who_has_opted_out_tells_nothing(telemetry: Telemetry, tmp_path: Path) -> None:
    set_setting("telemetry.opt_out", "true")
    submit_job_bundle(SubmissionRequest(str(bundle_with_a_file(tmp_path / "bundle"))))
    hashing_telemetry_callback(SummaryStatistics())
    set_setting("telemetry.opt_out", "false")
    # The first event that is sent is the first there is.
    hashing_telemetry_callback(SummaryStatistics())
    assert telemetry.wait_for("process_start", "job_attachments.hashing_summary").keys() == {
        "process_start",
        "job_attachments.hashing_summary",
    }


@pytest.fixture
def monitor(farm: Farm) -> str:
    """A profile of a monitor, and the monitor."""
    monitor_id: str = farm.client.create_monitor(
        displayName="Studio",
        identityCenterInstanceArn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
        roleArn="arn:aws:iam::123456789012:role/monitor",
        subdomain="studio",
    )["monitorId"]
    Path(os.environ["AWS_CONFIG_FILE"]).parent.mkdir(parents=True, exist_ok=True)
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        "[profile studio]\naws_access_key_id = test\naws_secret_access_key = test\nregion = us-west-2\n"
        f"monitor_id = {monitor_id}\nuser_id = user-1\nidentity_store_id = d-1\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "studio")
    set_setting("defaults.farm_id", farm.farm_id)
    set_setting("defaults.queue_id", farm.queue_id)
    invalidate_boto3_session_cache()
    return monitor_id


def test_users_of_a_monitor_get_the_address_of_the_jobs_page_at_the_end(
    farm: Farm, monitor: str, tmp_path: Path
) -> None:
    host = Host()
    result = submit_job_bundle(SubmissionRequest(str(write_bundle(tmp_path / "bundle", {"steps": STEPS}))), host)

    place = f"us-west-2/farms/{farm.farm_id}/queues/{farm.queue_id}?jobId={result.job_id}"
    assert result.job_url == f"https://studio.us-west-2.deadlinecloud.amazonaws.com/{place}"
    assert host.messages[-1] == f"Job URL: {result.job_url}"
    assert host.messages[-2].splitlines()[-1] == result.job_id


def test_a_monitor_that_is_gone_takes_nothing_from_the_submission(farm: Farm, monitor: str, tmp_path: Path) -> None:
    farm.client.delete_monitor(monitorId=monitor)
    result = submit_job_bundle(SubmissionRequest(str(write_bundle(tmp_path / "bundle", {"steps": STEPS}))))
    assert result.job_url is None


def test_a_snapshot_has_all_that_would_be_sent_and_creates_nothing(farm: Farm, tmp_path: Path) -> None:
    bundle = bundle_with_a_file(tmp_path / "bundle")
    set_setting("settings.allow_bundle_hooks", "true")
    mark = "open('{}', 'w').close()"
    hooks = {
        "preSubmission": [{"command": "python3", "args": ["-S", "-c", mark.format(tmp_path / "before")]}],
        "postSubmission": [{"command": "python3", "args": ["-S", "-c", mark.format(tmp_path / "after")]}],
    }
    (bundle / "hooks.json").write_text(json.dumps(hooks), encoding="utf-8")
    jobs = api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]
    before = get_setting("defaults.job_id")
    messages: list[str] = []
    reports: list[Any] = []

    job_id = api.create_job_from_job_bundle(
        str(bundle),
        name="Shot",
        debug_snapshot_dir=str(tmp_path / "new" / "snapshot"),
        print_function_callback=messages.append,
        interactive_confirmation_callback=lambda message, default: True,
        upload_progress_callback=lambda report: reports.append(report) or True,  # type: ignore[func-returns-value]
    )

    assert job_id is None
    folder = tmp_path / "new" / "snapshot"
    arguments = json.loads((folder / "create_job_args.json").read_text(encoding="utf-8"))
    assert json.loads(arguments["template"])["name"] == "Shot"
    (manifest,) = arguments["attachments"]["manifests"]
    assert (folder / "Manifests" / manifest["inputManifestPath"]).is_file()
    assert [file.read_text(encoding="utf-8") for file in (folder / "Data").iterdir()] == [f"scene of {bundle}"]
    assert {"queue.json", "submit_job.sh", "submit_job.bat"} <= {path.name for path in folder.iterdir()}
    assert messages[-1].splitlines()[-1].strip() == str(folder)
    assert reports[-1].progress == 100
    assert (tmp_path / "before").exists()
    assert not (tmp_path / "after").exists()
    assert len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]) == len(jobs)
    assert get_setting("defaults.job_id") == before


def test_a_snapshot_may_be_an_archive_of_that_very_name(farm: Farm, tmp_path: Path) -> None:
    bundle = bundle_with_a_file(tmp_path / "bundle")
    target = tmp_path / "sent" / "job.zip"
    for _ in range(2):
        assert save_debug_snapshot(SubmissionRequest(str(bundle)), str(target)) == str(target)
    assert list(target.parent.iterdir()) == [target]
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert "create_job_args.json" in names
    assert sum(name.startswith("Data/") and not name.endswith("/") for name in names) == 1


def test_a_job_that_is_not_created_in_time_is_named() -> None:
    class Slow:
        def get_job(self, **ids: str) -> dict[str, str]:
            return {"lifecycleStatus": "CREATE_IN_PROGRESS"}

    with pytest.raises(DeadlineOperationTimedOut, match="job-1") as caught:
        wait_for_create_job_to_complete("farm-1", "queue-1", "job-1", Slow(), lambda: True, timeout_seconds=0.4)
    assert caught.value.job_id == "job-1"
    with pytest.raises(CreateJobWaiterCanceled, match="deadline job get --job-id job-1") as canceled:
        wait_for_create_job_to_complete("farm-1", "queue-1", "job-1", Slow(), lambda: False)
    assert canceled.value.job_id == "job-1"


def test_a_job_is_submitted_also_where_the_settings_cannot_remember_it(farm: Farm, tmp_path: Path) -> None:
    lock = Path(os.environ["DEADLINE_CONFIG_FILE_PATH"] + ".lock")
    lock.mkdir()
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS})
    assert farm.job(submit_job_bundle(SubmissionRequest(str(bundle))).job_id)["name"] == "A job"
