from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of the test's own, which does not exist yet, and no variable that would interfere."""
    for variable in ("DEADLINE_CLOUD_REGIONS", "AWS_ENDPOINT_URL_DEADLINE", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    path = tmp_path / "deadline" / "config"
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(path))
    return path
