"""Looking for newer submitters, in a web of the test's own behind a proxy on loopback."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from deadline.client.auth import update_check
from deadline.client.auth.update_check import UpdateCheckResult, UpdateCheckStatus, safe_check_for_updates
from deadline.client.config import set_setting

from .conftest import SecureWeb

MANIFEST = "/submitters/manifest.json"
BASE = "https://downloads.deadlinecloud.amazonaws.com/submitters"


def manifest(installer: Any = "2.0/installer.run", **versions: Any) -> dict[str, Any]:
    latest = {"componentVersions": versions, "installer": installer}
    platforms = dict.fromkeys(("linux", "macos", "windows"), latest)
    return {"DeadlineCloudSubmitter": {"versions": {"latest": platforms}}}


@pytest.fixture
def web(secure_web: SecureWeb) -> SecureWeb:
    set_setting("settings.https_proxy", secure_web.proxy)
    set_setting("settings.ca_bundle", str(secure_web.ca_bundle))
    return secure_web


def test_a_newer_version_is_told_with_its_download_f_12(web: SecureWeb) -> None:
    web.service.answers_with(MANIFEST, 200, manifest(Maya="0.16.0"))

    result = safe_check_for_updates(integration_name="Maya", current_version="0.15.10")

    assert result == UpdateCheckResult(
        status=UpdateCheckStatus.SUCCESS,
        current_version="0.15.10",
        update_available=True,
        latest_version="0.16.0",
        download_url=f"{BASE}/2.0/installer.run",
    )
    assert web.hosts == ["downloads.deadlinecloud.amazonaws.com"]
    assert web.authorizations[0] == "Basic c3R1ZGlvOnBAc3M="  # studio:p@ss


@pytest.mark.parametrize("current", ["0.16.0", "0.16.1", "1.0.0rc1"])
def test_the_same_or_an_older_version_is_no_update(current: str, web: SecureWeb) -> None:
    web.service.answers_with(MANIFEST, 200, manifest(Maya="0.16.0"))

    result = safe_check_for_updates("Maya", current)

    assert (result.status, result.update_available, result.download_url) == (UpdateCheckStatus.SUCCESS, False, None)
    assert result.latest_version == "0.16.0"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((200, manifest(Nuke="1.0")), UpdateCheckStatus.INTEGRATION_NOT_FOUND),
        ((200, manifest(Maya="newest")), UpdateCheckStatus.INVALID_VERSION),
        ((200, {"DeadlineCloudSubmitter": {"versions": {"latest": {}}}}), UpdateCheckStatus.PARSE_ERROR),
        ((200, []), UpdateCheckStatus.PARSE_ERROR),
        ((200, b"<html>"), UpdateCheckStatus.PARSE_ERROR),
        ((200, b"\xff"), UpdateCheckStatus.PARSE_ERROR),
        ((503, b""), UpdateCheckStatus.NETWORK_ERROR),
    ],
)
def test_an_answer_that_does_not_tell_is_a_status(answer: Any, status: UpdateCheckStatus, web: SecureWeb) -> None:
    web.service.answers_with(MANIFEST, *answer)

    result = safe_check_for_updates("Maya", "0.15")

    assert (result.status, result.update_available) == (status, False)
    assert result.error_message


def test_a_newer_version_without_an_installer_is_no_update(web: SecureWeb, caplog: pytest.LogCaptureFixture) -> None:
    web.service.answers_with(MANIFEST, 200, manifest(installer=None, Maya="0.16"))

    result = safe_check_for_updates("Maya", "0.15")

    assert (result.status, result.update_available) == (UpdateCheckStatus.SUCCESS, False)
    assert "no installer" in caplog.text


def test_who_wants_no_notification_asks_nobody(web: SecureWeb) -> None:
    set_setting("settings.submitter_update_notification", "false")

    assert safe_check_for_updates("Maya", "0.15") == UpdateCheckResult(UpdateCheckStatus.SUCCESS, "0.15")
    assert web.hosts == []


def test_a_host_whose_certificate_is_not_trusted_is_not_believed(web: SecureWeb, tmp_path: Path) -> None:
    web.service.answers_with(MANIFEST, 200, manifest(Maya="0.16"))
    set_setting("settings.ca_bundle", "")

    result = safe_check_for_updates("Maya", "0.15")

    assert result.status is UpdateCheckStatus.NETWORK_ERROR
    assert re.search("certificate", str(result.error_message))


def test_a_host_that_does_not_answer_holds_nobody_up(web: SecureWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_check, "TIMEOUT_SECONDS", 0.3)
    go_on = threading.Event()

    def answer(request: Any) -> tuple[int, Any]:
        assert go_on.wait(20)
        return 200, b""

    web.service.answers[MANIFEST] = answer

    try:
        assert safe_check_for_updates("Maya", "0.15").status is UpdateCheckStatus.TIMEOUT_ERROR
    finally:
        go_on.set()


@pytest.mark.parametrize("proxy", ["http://user:hunter2@127.0.0.1:9", "http://user:hunter2"])
def test_a_proxy_that_cannot_be_reached_is_a_status_without_its_password(
    proxy: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "deadline-config").write_text(f"[settings]\nhttps_proxy = {proxy}\n", encoding="utf-8")

    result = safe_check_for_updates("Maya", "0.15")

    assert result.status is UpdateCheckStatus.NETWORK_ERROR
    assert "hunter2" not in f"{result!r}{caplog.text}"


def test_a_settings_file_that_cannot_be_read_is_a_status_too(tmp_path: Path) -> None:
    (tmp_path / "deadline-config").write_text("nonsense", encoding="utf-8")

    result = safe_check_for_updates("Maya", "0.15")

    assert result.status is UpdateCheckStatus.UNEXPECTED_ERROR
    assert "line 1" in str(result.error_message)


def test_statuses_have_the_values_of_the_interface() -> None:
    assert json.dumps(sorted(status.value for status in UpdateCheckStatus)) == json.dumps(
        [
            *("integration_not_found", "invalid_version", "network_error", "parse_error", "success", "timeout_error"),
            "unexpected_error",
        ]
    )


def test_the_library_that_compares_versions_is_declared_f_1() -> None:
    project = Path(__file__).parents[2] / "packages" / "deadline-auth" / "pyproject.toml"

    assert re.search(r'^\s+"packaging\b', project.read_text(encoding="utf-8"), re.MULTILINE)
