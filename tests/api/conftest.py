"""A home folder, settings and AWS configuration of each test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from deadline.client.auth.session import invalidate_boto3_session_cache


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's AWS configuration or settings reaches a test."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        *("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DEADLINE", "AWS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "DEADLINE_CLOUD_REGIONS", "DEADLINE_HOOKS_DIR"),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_CONFIG_FILE": str(home / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "DEADLINE_CONFIG_FILE_PATH": str(home / "deadline-config"),
        "HOME": str(home),
        "USERPROFILE": str(home),
    }.items():
        monkeypatch.setenv(name, value)
    invalidate_boto3_session_cache()
    yield
    invalidate_boto3_session_cache()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """An empty folder for a job bundle."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    return folder
