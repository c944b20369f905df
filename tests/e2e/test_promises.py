"""What the README of the published client promises to its users, by the commands and calls that it prints.

===  =======================================================  ============================================================
     promise                                                  kept in
===  =======================================================  ============================================================
  1  Python 3.8 to 3.13                                       tools/checks/python_matrix.py
  2  ``pip install deadline``, with ``gui`` and ``mcp``       tests/packaging
  3  the form of ``farm list``                                here
  4  ``api.list_farms()``                                     here
  5  ``deadlinew --redirect-output``                          here; without a console: tests/cli/test_global_options.py
  6  a file is uploaded once                                  test_main_job.py
  7  ``config set settings.storage_profile_id``               here; what it does: tests/api/test_submission.py
  8  what a job bundle is                                     tests/api/job_bundle
  9  ``bundle submit``                                        here
 10  a copy in the job history                                here
 11  ``config show``, ``get``, ``set``, ``clear``             here; ``config --help``: tests/cli/test_help.py
 12  ``DEADLINE_CONFIG_FILE_PATH``                            here
 13  ``auth status``                                          here; ``login`` and ``logout``: tests/cli/test_auth.py
 14  ``job wait`` and its exit codes                          here; its pauses: tests/api/test_finished_jobs.py
 15  ``job logs``                                             here
 16  ``queue export-credentials`` as a credential_process     here
 17  the MCP server                                           tests/mcp
 18  windows in content creation tools                        tests/gui
 19  job attachments as a library                             tests/attachments
 20  telemetry can be turned off                              tests/auth/test_telemetry.py
===  =======================================================  ============================================================
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
import sysconfig
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest
import yaml

from local_farm.farm import LocalFarm
from local_farm.testing import running_farm

SCRIPTS = sysconfig.get_path("scripts")
MICROSECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d"
TEMPLATE = {"specificationVersion": "jobtemplate-2023-09"}

SETTINGS = """\
deadline-cloud-monitor.path defaults.aws_profile_name settings.job_history_dir defaults.farm_id defaults.farm_region
settings.storage_profile_id defaults.queue_id defaults.job_id settings.auto_accept settings.conflict_resolution
settings.log_level settings.deadline_regions telemetry.opt_out telemetry.identifier
defaults.job_attachments_file_system settings.s3_max_pool_connections settings.small_file_threshold_multiplier
settings.known_asset_paths settings.locale settings.force_s3_check settings.allow_bundle_hooks
settings.allow_environment_hooks settings.submitter_update_notification settings.max_retries_per_task
settings.max_failed_tasks_count settings.https_proxy settings.ca_bundle settings.job_bundle_default_directory
"""


@pytest.fixture(scope="module")
def farm() -> Iterator[LocalFarm]:
    with running_farm(workers=1) as farm:
        yield farm


@pytest.fixture(scope="module")
def environment(farm: LocalFarm, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a user's shell, whose home folder is theirs, and whose settings stand where a variable says."""
    home = tmp_path_factory.mktemp("home")
    settings = home / "elsewhere" / "settings"
    settings.parent.mkdir()
    settings.write_bytes(Path(farm.environment()["DEADLINE_CONFIG_FILE_PATH"]).read_bytes())
    return {
        **os.environ,
        **farm.environment(),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": os.pathsep.join((SCRIPTS, os.environ.get("PATH", ""))),
        "DEADLINE_CONFIG_FILE_PATH": str(settings),
        "DEADLINE_CLOUD_REGIONS": farm.environment()["AWS_DEFAULT_REGION"],
    }


@pytest.fixture(scope="module")
def shell(environment: dict[str, str]) -> Any:
    """``shell("deadline farm list")`` runs an installed program in a pipe."""

    def run(line: str, *more: str, code: int = 0, **variables: str) -> str:
        program, *words = line.split()
        done = subprocess.run(
            [str(Path(SCRIPTS, program)), *words, *more],
            env={**environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="module")
def ids(environment: dict[str, str], farm: LocalFarm) -> dict[str, str]:
    """The farm and its queue."""
    service = client(farm, "deadline")
    farm_id = service.list_farms()["farms"][0]["farmId"]
    return {"farm": farm_id, "queue": service.list_queues(farmId=farm_id)["queues"][0]["queueId"]}


def client(farm: LocalFarm, service: str) -> Any:
    from botocore.config import Config

    variables = farm.environment()
    return boto3.client(
        service,
        config=Config(inject_host_prefix=False),
        endpoint_url=variables[f"AWS_ENDPOINT_URL_{service.upper()}"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def write_bundle(folder: Path, name: str, code: str) -> Path:
    folder.mkdir()
    step = {"name": "Run", "script": {"actions": {"onRun": {"command": sys.executable, "args": ["-S", "-c", code]}}}}
    (folder / "template.json").write_text(json.dumps({**TEMPLATE, "name": name, "steps": [step]}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def jobs(shell: Any, farm: LocalFarm, ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ids of jobs by how they ended."""
    folder = tmp_path_factory.mktemp("bundles")
    service = client(farm, "deadline")
    works = write_bundle(folder / "works", "It works", "print('Rendering frame 1')")
    fails = write_bundle(folder / "fails", "It fails", "raise SystemExit(3)")
    found = {
        "succeeded": shell("deadline bundle submit", str(works)).split()[-1],
        "failed": shell("deadline bundle submit --max-retries-per-task 0", str(fails)).split()[-1],
        "canceled": shell("deadline bundle submit --target-task-run-status SUSPENDED", str(works)).split()[-1],
        "archived": shell("deadline bundle submit --target-task-run-status SUSPENDED", str(works)).split()[-1],
    }
    shell(f"deadline job wait --job-id {found['succeeded']} --max-poll-interval 1")
    place = {"farmId": ids["farm"], "queueId": ids["queue"]}
    service.update_job(**place, jobId=found["canceled"], targetTaskRunStatus="CANCELED")
    service.update_job(**place, jobId=found["archived"], lifecycleStatus="ARCHIVED")
    return found


def test_3_farms_are_listed_as_the_readme_prints_them(shell: Any, ids: dict[str, str]) -> None:
    assert shell("deadline farm list").startswith(f"- farmId: {ids['farm']}\n  displayName: Local farm\n")


def test_4_the_library_lists_farms(environment: dict[str, str], ids: dict[str, str]) -> None:
    code = "from deadline.client import api; print(api.list_farms())"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{{'farms': [{{'farmId': '{ids['farm']}', 'displayName': 'Local farm', ")


def test_5_without_a_console_the_same_text_goes_to_a_file(shell: Any, tmp_path: Path) -> None:
    assert shell("deadlinew --redirect-output", str(tmp_path / "out.txt"), "farm", "list") == ""
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == shell("deadline farm list")


def test_7_11_settings_are_set_got_and_cleared(shell: Any, ids: dict[str, str]) -> None:
    before = shell("deadline config get settings.storage_profile_id")
    assert re.fullmatch("sp-[0-9a-f]{32}\n", before)
    assert shell(f"deadline config set settings.storage_profile_id sp-{'0' * 32}") == ""
    assert shell("deadline config get settings.storage_profile_id") == f"sp-{'0' * 32}\n"
    assert shell("deadline config clear settings.storage_profile_id") == ""
    assert shell("deadline config get settings.storage_profile_id") == "\n"
    shell(f"deadline config set settings.storage_profile_id {before}")


def test_11_settings_are_one_json_object_in_their_order(shell: Any, environment: dict[str, str]) -> None:
    printed = shell("deadline config show --output json")
    assert len(printed.splitlines()) == 1
    shown = json.loads(printed)
    path, *names = shown
    assert (path, shown[path]) == ("settings.config_file_path", environment["DEADLINE_CONFIG_FILE_PATH"])
    assert [name for name in names if name in SETTINGS.split()] == SETTINGS.split()
    assert names[0] == "deadline-cloud-monitor.path"
    assert {type(value) for value in shown.values()} == {str}


def test_12_a_variable_says_where_the_settings_are(shell: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "settings")
    shell("deadline config set settings.log_level INFO", DEADLINE_CONFIG_FILE_PATH=path)
    assert "log_level = INFO" in Path(path).read_text(encoding="utf-8")
    assert shell("deadline config get settings.log_level") == "WARNING\n"


def test_12_without_it_they_are_in_the_home_folder(shell: Any, environment: dict[str, str]) -> None:
    shell("deadline config set settings.locale ja_JP", DEADLINE_CONFIG_FILE_PATH="")
    assert "locale = ja_JP" in Path(environment["HOME"], ".deadline", "config").read_text(encoding="utf-8")


def test_13_the_status_of_credentials_has_labels_that_end_in_one_column(shell: Any) -> None:
    assert shell("deadline auth status --output verbose") == (
        "     Profile Name: (default)\n"
        "           Source: HOST_PROVIDED\n"
        "           Status: AUTHENTICATED\n"
        " API Availability: True\n"
    )


def test_9_10_a_submission_names_the_job_and_leaves_a_copy_of_the_bundle(
    shell: Any, environment: dict[str, str], jobs: dict[str, str]
) -> None:
    assert re.fullmatch("job-[0-9a-f]{32}", jobs["succeeded"])
    history = Path(environment["HOME"], ".deadline", "job_history", "(default)")
    copies = {path.parent: yaml.safe_load(path.read_text(encoding="utf-8")) for path in history.rglob("template.json")}
    assert sorted(template["name"] for template in copies.values()) == ["It fails", *["It works"] * 3]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d-\d\d-CLI-It (works|fails)", folder.name) for folder in copies)


def test_10_what_is_in_the_job_history_can_be_submitted_again(
    shell: Any, farm: LocalFarm, ids: dict[str, str], tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle", "Again", "print({{Param.Scene}})")
    template = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    template["parameterDefinitions"] = [
        {"name": "Scene", "type": "PATH", "objectType": "FILE", "dataFlow": "IN", "default": "scene.txt"},
        {"name": "Frames", "type": "STRING", "default": "1"},
    ]
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    (bundle / "scene.txt").write_text("a teapot", encoding="utf-8")
    submit = "deadline bundle submit --yes --target-task-run-status SUSPENDED"
    shell(f"deadline config set settings.job_history_dir {tmp_path / 'history'}")
    try:
        first = shell(f"{submit} --priority 70 -p Frames=1-9", str(bundle)).split()[-1]
        (copy,) = (tmp_path / "history").glob("*/*")
        again = shell(f"{submit} --known-asset-path", str(bundle), str(copy)).split()[-1]
    finally:
        shell("deadline config clear settings.job_history_dir")

    place = {"farmId": ids["farm"], "queueId": ids["queue"]}
    jobs = [client(farm, "deadline").get_job(**place, jobId=job_id) for job_id in (first, again)]
    assert jobs[0]["jobId"] != jobs[1]["jobId"]
    for member in ("name", "priority", "parameters", "maxRetriesPerTask"):
        assert jobs[0][member] == jobs[1][member]
    assert jobs[0]["parameters"]["Frames"] == {"string": "1-9"}
    inputs = [job["attachments"]["manifests"][0]["inputManifestHash"] for job in jobs]
    assert inputs[0] == inputs[1]


@pytest.mark.parametrize(
    ("job", "options", "code", "status"),
    [
        ("succeeded", "--max-poll-interval 1 --timeout 0", 0, "SUCCEEDED"),
        ("failed", "--max-poll-interval 1", 2, "FAILED"),
        ("canceled", "", 3, "CANCELED"),
        ("archived", "", 4, "SUSPENDED"),
    ],
    ids=["succeeded", "failed", "canceled", "archived"],
)
def test_14_the_exit_code_says_how_a_job_ended(
    job: str, options: str, code: int, status: str, shell: Any, jobs: dict[str, str]
) -> None:
    printed = json.loads(shell(f"deadline job wait --job-id {jobs[job]} {options} --output json", code=code))
    assert list(printed) == ["jobId", "jobName", "status", "elapsedTime", "failedTasks"]
    assert (printed["jobId"], printed["status"]) == (jobs[job], status)
    assert len(printed["failedTasks"]) == (1 if job == "failed" else 0)


class _OneJob(BaseHTTPRequestHandler):
    """Has one job without steps, whose status the server has."""

    server: Any

    def do_GET(self) -> None:
        job = {"name": "A job", "lifecycleStatus": "CREATE_COMPLETE", "taskRunStatus": self.server.status}
        answer = {"steps": []} if self.path.endswith("/steps") else {**job, "jobId": self.path.rpartition("/")[2]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "options", "code"),
    [("NOT_COMPATIBLE", "", 5), ("RUNNING", "--timeout 1", 1)],
    ids=["not-compatible", "timeout"],
)
def test_14_the_exit_code_says_also_what_no_local_farm_comes_to(
    status: str, options: str, code: int, shell: Any, ids: dict[str, str]
) -> None:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _OneJob)
    server.status = status
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        line = f"deadline job wait --job-id job-{'1' * 32} {options} --output json"
        printed = json.loads(shell(line, code=code, AWS_ENDPOINT_URL_DEADLINE=address))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert printed["status"] == status if code == 5 else printed["timeout"] is True


def test_15_logs_of_a_job_and_of_its_session(shell: Any, jobs: dict[str, str]) -> None:
    of_job = json.loads(shell(f"deadline job logs --job-id {jobs['succeeded']} --limit 1000 --output json"))
    members = ["jobId", "jobName", "events", "count", "nextToken", "previousToken", "logGroup", "logStream"]
    assert list(of_job) == members
    (rendered,) = [event for event in of_job["events"] if event["message"] == "Rendering frame 1"]
    assert re.fullmatch(MICROSECONDS, rendered["timestamp"])
    assert rendered["timestamp"].endswith("+00:00")
    of_session = shell(f"deadline job logs --session-id {of_job['logStream']} --job-id {jobs['succeeded']}")
    assert json.loads(of_session)["logStream"] == of_job["logStream"]


def test_15_logs_between_two_times_and_page_by_page(shell: Any, jobs: dict[str, str]) -> None:
    logs = f"deadline job logs --job-id {jobs['succeeded']} --output json"
    all_events = json.loads(shell(f"{logs} --limit 1000"))["events"]
    (found,) = [event for event in all_events if event["message"] == "Rendering frame 1"]
    after = datetime.datetime.fromisoformat(found["timestamp"]) + datetime.timedelta(milliseconds=1)

    between = json.loads(shell(f"{logs} --start-time {found['timestamp']} --end-time {after.isoformat()}"))["events"]
    assert "Rendering frame 1" in [event["message"] for event in between]
    times = [datetime.datetime.fromisoformat(event["timestamp"]) for event in between]
    assert all(datetime.datetime.fromisoformat(found["timestamp"]) <= time <= after for time in times)
    assert len(between) < len(all_events)

    # The first page is the last lines; a token leads to the ones before.
    last = json.loads(shell(f"{logs} --limit 2"))
    assert [event["message"] for event in last["events"]] == [event["message"] for event in all_events[-2:]]
    before = json.loads(shell(f"{logs} --limit 2 --next-token {last['previousToken']}"))
    assert [event["message"] for event in before["events"]] == [event["message"] for event in all_events[-4:-2]]


def test_15_times_are_utc_local_or_relative(shell: Any, jobs: dict[str, str]) -> None:
    logs = f"deadline job logs --job-id {jobs['succeeded']} --output json --timestamp-format"
    utc, local, relative = (
        json.loads(shell(f"{logs} {form}", TZ="Asia/Tokyo"))["events"] for form in ("utc", "local", "relative")
    )
    assert all(event["timestamp"].endswith("+00:00") for event in utc)
    assert all(event["timestamp"].endswith("+09:00") for event in local)
    assert [datetime.datetime.fromisoformat(event["timestamp"]) for event in local] == [
        datetime.datetime.fromisoformat(event["timestamp"]) for event in utc
    ]
    assert all(re.match(r"\d+:\d\d:\d\d\.\d{6}$", event["timestamp"]) for event in relative)


@pytest.mark.parametrize("mode", ["USER", "READ"])
def test_16_credentials_of_a_queue_are_what_aws_tools_read(mode: str, shell: Any, ids: dict[str, str]) -> None:
    line = f"deadline queue export-credentials --farm-id {ids['farm']} --queue-id {ids['queue']} --mode {mode}"
    printed = json.loads(shell(line))
    assert list(printed) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
    assert printed["Version"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", printed["Expiration"])


def test_16_boto3_uses_them_by_a_profile(
    environment: dict[str, str], ids: dict[str, str], farm: LocalFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "aws-config"
    config.write_text(
        "[profile my-queue]\nregion = us-west-2\ncredential_process = deadline queue export-credentials "
        f"--farm-id {ids['farm']} --queue-id {ids['queue']} --mode USER\n",
        encoding="utf-8",
    )
    for name in {*os.environ} - {*environment}:
        monkeypatch.delenv(name)
    for name, value in {**environment, "AWS_CONFIG_FILE": str(config)}.items():
        monkeypatch.setenv(name, value)

    session = boto3.Session(profile_name="my-queue")

    # As `aws s3 ls --profile my-queue`.
    place = {"farmId": ids["farm"], "queueId": ids["queue"]}
    settings = client(farm, "deadline").get_queue(**place)["jobAttachmentSettings"]
    buckets = [bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]]
    assert settings["s3BucketName"] in buckets
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.method == "custom-process"
    assert credentials.token
