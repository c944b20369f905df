"""A cap on the bytes a second, by the doors that programs use."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from deadline.job_attachments.download import InputDownloader
from deadline.job_attachments.exceptions import AssetSyncError
from deadline.job_attachments.models import JobAttachmentS3Settings
from deadline.job_attachments.upload import S3AssetManager, S3AssetUploader

from .conftest import random_bytes
from .job_files import files_below, write

RATE = 2_000_000
FILES = {f"{number}.bin": random_bytes(number, 100_000) for number in range(12)}
ALLOWED = sum(map(len, FILES.values())) / RATE - 0.3
"""Less than the seconds that the files take at that rate, since some bytes may be caught up with."""


def test_uploads_and_downloads_keep_to_the_cap(session: boto3.Session, bucket: str, tmp_path: Path) -> None:
    write(tmp_path / "in", FILES)
    settings = JobAttachmentS3Settings(bucket, "root")
    manager = S3AssetManager("farm-1", "queue-1", settings, session=session, max_bandwidth=RATE)
    group = manager.prepare_paths_for_upload([str(path) for path in (tmp_path / "in").iterdir()], [], [])
    _, manifests = manager.hash_assets_and_create_manifest(
        group.asset_groups, group.total_input_files, group.total_input_bytes, str(tmp_path / "caches")
    )

    started = time.monotonic()
    _, attachments = manager.upload_assets(manifests, s3_check_cache_dir=str(tmp_path / "caches"))
    assert time.monotonic() - started > ALLOWED

    downloader = InputDownloader(settings, attachments, session)
    downloader.set_root_path(str(tmp_path / "in"), str(tmp_path / "out"))
    started = time.monotonic()
    downloader.download(max_bandwidth=RATE)
    assert time.monotonic() - started > ALLOWED
    assert files_below(tmp_path / "out") == FILES


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_cap_that_lets_nothing_through_is_refused(rate: Any) -> None:
    with pytest.raises(AssetSyncError, match="bytes a second"):
        S3AssetUploader(max_bandwidth=rate)
