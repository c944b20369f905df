"""A door: newer versions of submitters."""

from __future__ import annotations

from deadline.client.auth.update_check import (
    DOWNLOAD_BASE_URL,
    MANIFEST_URL,
    UpdateCheckResult,
    UpdateCheckStatus,
    get_current_platform,
    safe_check_for_updates,
)

__all__ = [
    "DOWNLOAD_BASE_URL",
    "MANIFEST_URL",
    "UpdateCheckResult",
    "UpdateCheckStatus",
    "get_current_platform",
    "safe_check_for_updates",
]
