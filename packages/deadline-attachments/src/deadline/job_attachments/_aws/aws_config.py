"""How S3 is talked to."""

from __future__ import annotations

from typing import Final

VENDOR_CODE = "deadline"
S3_CONNECT_TIMEOUT_IN_SECS = 30
S3_READ_TIMEOUT_IN_SECS = 30
S3_RETRIES_MODE: Final = "standard"
