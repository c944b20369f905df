"""Finding out what keeps the client from working: against a farm with faults, and servers of other kinds on loopback."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email.utils
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from deadline.client.api.diagnosis import (
    Check,
    CheckResult,
    CheckState,
    Diagnosis,
    NothingToCheck,
    all_checks,
    diagnose,
)
from deadline.client.api.diagnosis.findings import Finding, ok
from deadline.client.api.diagnosis.running import run_checks
from deadline.client.api.diagnosis.subject import Subject
from deadline.client.config import set_setting
from deadline.client.config.config_file import get_cache_directory, read_config

NOWHERE = "0" * 32
SERVICES = ("deadline", "sts", "s3", "logs")
OK, WARNING, ERROR, SKIPPED = CheckState.OK, CheckState.WARNING, CheckState.ERROR, CheckState.SKIPPED

Answer = Callable[[BaseHTTPRequestHandler, bytes], "tuple[int, dict[str, str], bytes]"]


def by_name(diagnosis: Diagnosis) -> dict[str, CheckResult]:
    return {check.name: check for check in diagnosis.checks}


def examined(*names: str, **options: Any) -> dict[str, CheckResult]:
    """The results of the checks with these names and of those that they need, which is quicker than all; or of all."""
    if not names:
        return by_name(diagnose(**options))
    checks = {check.name: check for check in all_checks(**options)}
    wanted = set(names)
    while not wanted.issuperset(needed := {other for name in wanted for other in checks[name].needs}):
        wanted |= needed
    # What others merely wait for counts only where it is looked at too.
    chosen = [
        dataclasses.replace(check, after=tuple(name for name in check.after if name in wanted))
        for check in checks.values()
        if check.name in wanted
    ]
    return run(*chosen)


@contextlib.contextmanager
def serving(answer: Answer, certificate: Path | None = None) -> Iterator[str]:
    """A server on loopback that answers as the function says; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return email.utils.format_datetime(self.server.now(), usegmt=True)  # type: ignore[attr-defined]

        def _answer(self) -> None:
            status, headers, body = answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

        def log_message(self, *args: object) -> None:
            pass

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.now = lambda: datetime.datetime.now(datetime.timezone.utc)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # a client that does not trust it breaks off
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


@pytest.fixture
def faults(farm: Any, running: Any) -> Iterator[Any]:
    """The faults of the farm, gone afterwards."""
    yield running.faults
    running.faults.clear()


def test_all_is_well_at_a_farm_and_nothing_is_left_behind(farm: Any, running: Any, tmp_path: Path) -> None:
    settings = Path(running.environment()["DEADLINE_CONFIG_FILE_PATH"]).read_text(encoding="utf-8")
    running.calls.reset()

    diagnosis = diagnose()

    assert [check for check in diagnosis.checks if check.state is not OK] == []
    assert diagnosis.state is OK
    found = by_name(diagnosis)
    assert found["profile"].found == "default, region us-west-2"
    assert farm.queue_id in found["queue"].found
    assert found["queue-role"].found.startswith("may be assumed, for 60 minutes")
    assert "endpoint-s3" in found
    counts = running.calls.counts()
    assert all(name.startswith(("Get", "List", "AssumeQueueRoleForUser", "s3:", "sts", "logs")) for name in counts)
    assert farm_objects(farm) == []
    assert Path(running.environment()["DEADLINE_CONFIG_FILE_PATH"]).read_text(encoding="utf-8") == settings
    assert not Path(get_cache_directory()).exists()


def farm_objects(farm: Any) -> list[str]:
    """The keys of what the diagnosis may have left in the bucket of the queue."""
    from deadline.client.auth.session import get_boto3_client

    bucket = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)["jobAttachmentSettings"]["s3BucketName"]
    pages = get_boto3_client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", []) if "doctor" in item["Key"]]


def test_secrets_are_nowhere_in_the_results(farm: Any, monkeypatch: pytest.MonkeyPatch, closed_port: str) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hidden-token")
    set_setting("settings.https_proxy", f"http://render:hidden-word@{closed_port}")

    results = str(diagnose().to_dict())

    assert "hidden" not in results
    assert f"http://***@{closed_port}" in results


@pytest.mark.parametrize(
    ("operations", "skipped"),
    [
        ({"ListFarms": "authentication"}, ("farm", "queue", "bucket-list")),
        ({"GetQueue": "queue"}, ("fleets", "queue-role", "bucket-write")),
        (
            {"AssumeQueueRoleForUser": "queue-role", "GetStorageProfileForQueue": "storage-profile"},
            ("queue-logs", "bucket-list", "bucket-read", "bucket-write"),
        ),
    ],
)
def test_what_is_denied_is_an_error_and_what_needs_it_is_skipped(
    operations: dict[str, str], skipped: tuple[str, ...], faults: Any
) -> None:
    for operation in operations:
        faults.deny(operation)
    # That one may not see this is no fault.
    faults.deny("ListQueueFleetAssociations")

    found = examined()

    for check in operations.values():
        assert found[check].state is ERROR
        assert "AccessDenied" in found[check].why
        assert found[check].next_step
    assert found["endpoint-deadline"].state is OK
    assert {found[name].state for name in (*skipped, "fleets")} == {SKIPPED}
    assert found["job-history"].state is OK


def test_a_farm_that_is_not_there_is_answered_with_those_there_are(farm: Any) -> None:
    queue_id = farm.queue_id
    set_setting("defaults.farm_id", f"farm-{NOWHERE}")
    set_setting("defaults.queue_id", queue_id)
    found = examined("farm")
    assert found["farm"].state is ERROR
    assert f"{farm.farm_id}  Local farm" in found["farm"].next_step


def test_a_queue_that_cannot_take_files_or_has_no_fleet_is_a_warning(farm: Any) -> None:
    set_setting("defaults.queue_id", farm.new_queue())
    set_setting("settings.storage_profile_id", "")
    found = examined("fleets", "storage-profile", "bucket-list", "bucket-read", "bucket-write")
    assert [found[name].state for name in ("queue", "fleets")] == [WARNING] * 2
    assert "administrator" in found["fleets"].next_step
    assert [found[name].why for name in ("bucket-list", "bucket-read", "bucket-write")] == [
        "The queue has no job attachments."
    ] * 3 or found["queue-role"].state is ERROR
    assert found["storage-profile"].state is SKIPPED


def test_a_storage_profile_of_folders_that_are_not_there_is_a_warning(farm: Any, tmp_path: Path) -> None:
    family = {"win32": "WINDOWS", "darwin": "MACOS"}.get(sys.platform, "LINUX")
    missing = str(tmp_path / "not" / "mounted")
    profile = farm.client.create_storage_profile(
        farmId=farm.farm_id,
        displayName="Studio",
        osFamily=family,
        fileSystemLocations=[{"name": "Shows", "path": missing, "type": "SHARED"}],
    )["storageProfileId"]
    farm.client.update_queue(
        farmId=farm.farm_id,
        queueId=farm.queue_id,
        allowedStorageProfileIdsToAdd=[profile],
        requiredFileSystemLocationNamesToAdd=["Shows"],
    )
    set_setting("settings.storage_profile_id", profile)
    try:
        found = examined("storage-profile")["storage-profile"]
    finally:
        farm.client.update_queue(
            farmId=farm.farm_id,
            queueId=farm.queue_id,
            allowedStorageProfileIdsToRemove=[profile],
            requiredFileSystemLocationNamesToRemove=["Shows"],
        )
    assert found.state is WARNING
    assert missing in found.why


def test_without_credentials_the_services_are_reached_all_the_same(farm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found = examined()
    assert found["credentials"].state is ERROR
    assert "deadline auth login" in found["credentials"].next_step
    assert [found[f"endpoint-{service}"].state for service in SERVICES] == [OK] * 4
    assert found["authentication"].state is SKIPPED


def test_credentials_that_a_program_fails_to_give_are_an_error(
    farm: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    config = tmp_path / "aws-config"
    failing = f'credential_process = "{sys.executable}" -c "import sys; sys.exit(3)"'
    config.write_text(f"[profile studio]\nregion = us-west-2\nmonitor_id = monitor-1\n{failing}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    set_setting("defaults.aws_profile_name", "studio")
    found = examined("credentials")["credentials"]
    assert (found.state, found.found) == (ERROR, "login of the Deadline Cloud monitor")
    assert found.next_step == "Log in with: deadline auth login"


def test_a_profile_that_is_not_there_is_answered_with_the_nearest(
    farm: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "aws-config"
    config.write_text("[profile studio]\nregion = us-west-2\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    set_setting("defaults.aws_profile_name", "stduio")
    found = examined("endpoint-deadline")
    assert found["profile"].state is ERROR
    assert "Did you mean 'studio'?" in found["profile"].next_step
    assert found["endpoint-deadline"].state is SKIPPED


def test_no_region_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found = examined("profile")["profile"]
    assert found.state is ERROR
    assert "region" in found.why
    assert "AWS_DEFAULT_REGION" in found.next_step


def test_a_service_at_whose_address_nobody_listens_is_refused(
    monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{closed_port}")
    found = examined()
    for service in SERVICES:
        assert found[f"endpoint-{service}"].state is ERROR
        assert "refused" in found[f"endpoint-{service}"].why
    assert found["credentials"].state is OK
    assert found["clock"].state is SKIPPED


def test_a_host_that_nobody_knows_is_told_from_a_network_that_is_down(
    farm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = socket.getaddrinfo

    def looked_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "s3.studio.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.studio.invalid")
    found = examined("endpoint-s3")["endpoint-s3"]
    assert found.state is ERROR
    assert "DNS" in found.why


def test_a_proxy_that_does_not_work_is_named_as_the_reason(farm: Any, closed_port: str) -> None:
    set_setting("settings.https_proxy", f"http://{closed_port}")
    found = examined("endpoint-deadline")["endpoint-deadline"]
    assert found.state is ERROR
    assert found.why == "The proxy cannot be used: the connection to it was refused."
    assert "settings.https_proxy" in found.next_step


def test_a_certificate_that_is_not_trusted_is_named_as_the_reason(
    farm: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(lambda request, body: (200, {}, b""), self_signed(tmp_path)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        found = examined("endpoint-s3")["endpoint-s3"]
    assert found.state is ERROR
    assert "certificate of the server is not trusted" in found.why
    assert "settings.ca_bundle" in found.next_step


def self_signed(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_certificates_that_cannot_be_read_are_an_error_before_anything_is_asked(farm: Any, tmp_path: Path) -> None:
    bundle = tmp_path / "no certificates.pem"
    bundle.write_text("nothing", encoding="utf-8")
    set_setting("settings.ca_bundle", str(bundle))
    found = examined("profile")
    assert found["network-settings"].state is ERROR
    assert str(bundle) in found["network-settings"].why
    assert found["profile"].state is SKIPPED


def test_a_page_in_place_of_a_service_is_a_warning(farm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (200, {"Content-Type": "text/html"}, b"<html>Welcome to the hotel</html>")
    with serving(lambda request, body: page) as url:
        for service in ("S3", "STS", "CLOUDWATCH_LOGS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
        found = examined("endpoint-s3", "endpoint-sts", "endpoint-logs")
    assert {found[f"endpoint-{service}"].state for service in ("s3", "sts", "logs")} == {WARNING}
    assert "login page" in found["endpoint-s3"].next_step


@pytest.mark.parametrize(("minutes", "state"), [(-3, WARNING), (17, ERROR)])
def test_a_clock_that_is_wrong_is_noticed_by_what_servers_say(
    minutes: int, state: CheckState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        request.server.now = lambda: datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
        return 403, {"x-amzn-ErrorType": "UnrecognizedClientException"}, b'{"message": "no"}'

    with serving(answer) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        found = examined("endpoint-deadline", "clock")
    assert found["clock"].state is state
    assert f"{abs(minutes)} minutes {'ahead of' if minutes > 0 else 'behind'} AWS" in found["clock"].found
    assert found["endpoint-deadline"].state is OK


class Bucket:
    """A bucket that answers by the method of a request; it remembers the requests."""

    def __init__(self, **answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = answers
        self.requests: list[tuple[str, str, str | None]] = []

    def __call__(self, request: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path = request.path.partition("?")[0]
        self.requests.append((request.command, path, request.headers.get("Content-MD5")))
        kind = "LIST" if "list-type" in request.path else "BUCKETS" if path == "/" else request.command
        return self.answers.get(kind, (200, {}, b""))


def refusal(code: str, message: str = "no") -> tuple[int, dict[str, str], bytes]:
    status = {"BadDigest": 400, "NoSuchBucket": 404}.get(code, 403)
    return status, {}, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


LISTED = (200, {}, b"<ListBucketResult><Contents><Key>Root/Data/1</Key></Contents></ListBucketResult>")
ENCRYPTED = (206, {"x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-west-2:1:key/k"}, b"x")


def test_the_bucket_is_listed_read_and_written_to_without_writing(farm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(LIST=LISTED, GET=ENCRYPTED, PUT=refusal("BadDigest"))
    with serving(bucket) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        found = examined("bucket-list", "bucket-read", "bucket-write")
    assert [found[f"bucket-{what}"].state for what in ("list", "read", "write")] == [OK] * 3
    assert "arn:aws:kms:us-west-2:1:key/k" in found["bucket-read"].found
    puts = [request for request in bucket.requests if request[0] == "PUT"]
    assert len(puts) == 1
    assert puts[0][2] is not None
    assert "DELETE" not in [request[0] for request in bucket.requests]


def test_an_upload_that_a_server_takes_in_spite_of_its_wrong_hash_is_removed(
    farm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(LIST=LISTED)
    with serving(bucket) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        found = examined("bucket-write")["bucket-write"]
    assert found.state is OK
    (put,) = [path for command, path, _ in bucket.requests if command == "PUT"]
    assert [path for command, path, _ in bucket.requests if command == "DELETE"] == [put]


@pytest.mark.parametrize(
    "refused",
    [
        {"list": ("NoSuchBucket", "which bucket"), "write": ("AccessDenied", "s3:PutObject")},
        {"list": ("AccessDenied", "s3:ListBucket"), "read": ("AccessDenied", "s3:GetObject")},
        {"read": ("KMS.DisabledException", "kms:Decrypt")},
    ],
)
def test_what_the_role_may_not_do_in_the_bucket_is_an_error_that_names_the_permission(
    refused: dict[str, tuple[str, str]], farm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"LIST": LISTED, "GET": ENCRYPTED, "HEAD": refusal("AccessDenied"), "PUT": refusal("BadDigest")}
    methods = {"list": "LIST", "read": "GET", "write": "PUT"}
    answers.update({methods[what]: refusal(code) for what, (code, _) in refused.items()})
    with serving(Bucket(**answers)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        found = examined("bucket-list", "bucket-read", "bucket-write")
    for what, (_, advice) in refused.items():
        assert found[f"bucket-{what}"].state is ERROR
        assert advice in found[f"bucket-{what}"].next_step
    if "write" not in refused:
        assert found["bucket-write"].state is OK


def test_a_diagnosis_can_be_stopped(faults: Any) -> None:
    faults.delay("ListFarms", seconds=60)
    seen: list[CheckResult] = []

    diagnosis = diagnose(go_on=lambda: "profile" not in [one.name for one in seen], on_result=seen.append)

    assert seen == diagnosis.checks
    found = by_name(diagnosis)
    assert found["settings"].state is OK
    assert found["authentication"].state is SKIPPED
    assert "stopped" in found["authentication"].why


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("[settings]\nlog_level = LOUD\n", WARNING, "settings.log_level in [settings]: expected one of ERROR"),
        ("[settings]\nlog_level = info\n", OK, ""),
        ("[settings]\nlog_levle = INFO\n", WARNING, "is it settings.log_level?"),
        ("[profile-x farm-1 defaults]\nqueue_id = queue-1\n", OK, ""),
        (
            "[profile-x farm-1 defaults]\nqueue_id = queue 1\n",
            WARNING,
            "defaults.queue_id in [profile-x farm-1 defaults]",
        ),
        ("nothing of the kind", ERROR, "line 1 stands before the first [section]"),
    ],
)
def test_the_settings_file_is_looked_through(
    text: str, state: CheckState, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings-file"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(file))
    monkeypatch.delenv("AWS_DEFAULT_REGION")  # nothing further is asked
    found = examined()
    assert (found["settings"].state, str(file) in found["settings"].found) == (state, True)
    assert said in found["settings"].why
    assert found["python"].state in (OK, WARNING)
    assert found["profile"].state is (SKIPPED if state is ERROR else ERROR)


def test_a_proxy_in_the_settings_that_is_none_is_an_error_without_its_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings-file"
    file.write_text("[settings]\nhttps_proxy = http://render:hidden word\n", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(file))
    diagnosis = diagnose()
    assert by_name(diagnosis)["network-settings"].state is ERROR
    assert "hidden" not in str(diagnosis.to_dict())


@pytest.fixture
def cache_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AWS_DEFAULT_REGION")  # nothing further is asked
    folder = Path(get_cache_directory())
    folder.mkdir(parents=True)
    return folder


def test_caches_are_opened_without_a_change(cache_folder: Path) -> None:
    from deadline.job_attachments.caches import S3CheckCache

    with S3CheckCache(str(cache_folder)):
        pass
    before = (cache_folder / "s3_check_cache.db").read_bytes()
    found = examined("s3-check-cache")["s3-check-cache"]
    assert found.state is OK
    assert "KB" in found.found or " B" in found.found
    assert (cache_folder / "s3_check_cache.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_cache_is_a_warning(content: bytes, cache_folder: Path) -> None:
    (cache_folder / "hash_cache.db").write_bytes(content)
    found = examined("hash-cache")["hash-cache"]
    assert found.state is WARNING
    assert "damaged" in found.why
    assert "Nothing is lost" in found.next_step


def test_a_job_history_that_is_a_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (tmp_path / "history").write_text("", encoding="utf-8")
    set_setting("settings.job_history_dir", str(tmp_path / "history"))
    found = examined("job-history")["job-history"]
    assert found.state is ERROR
    assert "settings.job_history_dir" in found.next_step


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ("print('deadline (999.1.0)\\nAvailable versions: 999.1.0, 0.60.11')", WARNING, "There is 999.1.0."),
        ("print('deadline (0.1.0)')", OK, ""),
        ("raise SystemExit('no such command')", SKIPPED, "package manager"),
    ],
)
def test_updates_are_looked_for_with_pip_and_on_request_alone(
    answer: str, state: CheckState, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__main__.py").write_text(
        f"import pathlib, sys\npathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]))\n{answer}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert "updates" not in [check.name for check in all_checks()]
    assert not (tmp_path / "asked").exists()
    found = examined("updates", check_updates=True)["updates"]

    assert (found.state, said in found.why) == (state, True)
    assert (tmp_path / "asked").read_text(encoding="utf-8").startswith("index versions deadline ")


def run(*checks: Check, timeout: float = 10, go_on: Callable[[], bool] = lambda: True) -> dict[str, CheckResult]:
    subject = Subject(read_config(), timeout)
    results = run_checks(checks, subject, timeout=timeout, go_on=go_on, on_result=lambda result: None)
    assert [result.name for result in results] == [check.name for check in checks]
    return {result.name: result for result in results}


def raising(error: Exception) -> Callable[[Subject], Finding]:
    def check(subject: Subject) -> Finding:
        raise error

    return check


def test_checks_run_side_by_side() -> None:
    together = threading.Barrier(2, timeout=30)

    def check(subject: Subject) -> Finding:
        together.wait()
        return ok("both")

    found = run(Check("one", check), Check("other", check), timeout=60)
    assert {result.state for result in found.values()} == {OK}


def test_a_check_that_breaks_is_an_error_of_its_own_alone() -> None:
    found = run(
        Check("broken", raising(KeyError("x"))),
        Check("nothing", raising(NothingToCheck("There is none."))),
        Check("needing", lambda subject: ok(""), needs=("broken", "nothing")),
        Check("later", lambda subject: ok("fine"), after=("broken",)),
    )
    assert [found[name].state for name in ("broken", "nothing", "needing", "later")] == [ERROR, SKIPPED, SKIPPED, OK]
    assert found["needing"].why == "This needs broken and nothing, which did not succeed."
    assert found["nothing"].why == "There is none."


def test_a_late_result_is_not_taken() -> None:
    release = threading.Event()

    def hang(subject: Subject) -> Finding:
        release.wait(60)
        return ok("late")

    try:
        found = run(Check("slow", hang), Check("quick", lambda subject: ok("")), timeout=0.2)
    finally:
        release.set()
    assert (found["slow"].state, found["quick"].state) == (ERROR, OK)
    assert "0.2 seconds" in found["slow"].why
