"""A file on its way to the store, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from ..exceptions import AssetSyncError


@dataclass(frozen=True)
class FileToSend:
    """A local file whose content has ``hash`` and goes to ``key``; size in bytes."""

    path: str
    key: str
    hash: str
    size: int


def changed(file: FileToSend) -> AssetSyncError:
    """The error for a file whose content is not what was hashed."""
    return AssetSyncError(
        f"{file.path} changed after it was hashed, so its content does not fit the job's manifest any more. "
        "Nothing was stored for it; wait until the file is complete, then submit again."
    )


def unreadable(file: FileToSend, error: OSError) -> AssetSyncError:
    """The error for a file that cannot be read."""
    return AssetSyncError(
        f"{file.path} could not be read for its upload: {error.strerror or error}. "
        "Nothing was stored for it; put the file back and submit again."
    )
