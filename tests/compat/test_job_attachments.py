"""What programs of others take from ``deadline.job_attachments``."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Dict, List, Tuple

import pytest

from .contract import check, read_table

ROOT = "deadline.job_attachments"

NAMES = read_table("job_attachments.txt")
FIELDS: Dict[str, List[str]] = {
    "models.PathMappingRule": ["source_path_format", "source_path", "destination_path"],
    "models.UploadManifestInfo": ["output_manifest_path", "output_manifest_hash", "source_path"],
    "models.JobAttachmentS3Settings": ["s3BucketName", "rootPrefix"],
    "progress_tracker.SummaryStatistics": [
        *("total_time", "total_files", "total_bytes", "processed_files", "processed_bytes"),
        *("skipped_files", "skipped_bytes", "transfer_rate"),
    ],
}
"""Values whose fields travel between programs: exactly these, in this order."""


@pytest.mark.parametrize(("module", "name", "calls"), NAMES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_name_that_others_import_exists_and_takes_their_arguments(
    module: str, name: str, calls: Tuple[str, ...]
) -> None:
    check(module, name, calls)


@pytest.mark.parametrize(("name", "fields"), FIELDS.items())
def test_values_that_travel_between_programs_have_exactly_their_fields(name: str, fields: List[str]) -> None:
    module, _, type_name = name.rpartition(".")
    value = getattr(importlib.import_module(f"{ROOT}.{module}"), type_name)

    assert [field.name for field in dataclasses.fields(value)] == fields


def test_errors_have_the_places_by_which_callers_tell_them_apart() -> None:
    from deadline.job_attachments import exceptions

    assert issubclass(exceptions.JobAttachmentsS3ClientError, exceptions.AssetSyncError)
    assert issubclass(exceptions.JobAttachmentS3BotoCoreError, exceptions.AssetSyncError)
    assert issubclass(exceptions.AssetSyncCancelledError, exceptions.JobAttachmentsError)
    assert not issubclass(exceptions.AssetSyncCancelledError, exceptions.AssetSyncError)
    assert not issubclass(exceptions.AssetSyncError, exceptions.JobAttachmentsError)
