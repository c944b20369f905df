"""What was planned to be done with manifest files, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Sequence

if TYPE_CHECKING:
    from deadline.job_attachments.attachment_transfer import LocalManifest


def planned_members(manifests: Sequence[LocalManifest]) -> List[Dict[str, Any]]:
    """Manifest files with their folders, as JSON has them."""
    return [
        {
            "manifest": one.path,
            "source_path": one.source_root,
            "folder": one.folder,
            "files": len(one.manifest.paths),
            "bytes": one.manifest.totalSize,
        }
        for one in manifests
    ]


def count(number: int) -> str:
    """``1 file`` or ``2 files``."""
    return f"{number} {'file' if number == 1 else 'files'}"


def size(number: int) -> str:
    """Bytes for people."""
    from deadline.job_attachments.api import human_readable_file_size

    return human_readable_file_size(number)
