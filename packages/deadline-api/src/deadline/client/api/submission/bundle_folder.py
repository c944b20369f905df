"""Where the files of a job bundle are that may be an archive."""

from __future__ import annotations

import os

from deadline.client.job_bundle.repository.local_repository import LocalBundleRepository
from deadline.client.job_bundle.repository.names import ARCHIVE_SUFFIX


def bundle_folder(path: str) -> str:
    """The folder of a bundle: the path itself or, for an archive (``.ojd``), a folder in the cache with its content.

    Raises:
        DeadlineOperationError: The archive cannot be used, or the cache not be written.
    """
    if not path.endswith(ARCHIVE_SUFFIX) or not os.path.isfile(path):
        return path
    return LocalBundleRepository().extract_bundle(path)
