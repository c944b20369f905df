"""AWS Signature Version 4 for S3, as a pure function.

The signing key depends on the day, the region and the secret only and is kept; the body is not hashed
(``UNSIGNED-PAYLOAD``): TLS protects it on the way, and whoever reads a data object compares its content with its name.
Format: AWS documentation, "Authenticating Requests: Using the Authorization Header".
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from datetime import datetime
from typing import Dict, Mapping, Optional
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


def quoted_path(path: str) -> str:
    """A path as it stands in an S3 request and in its signature."""
    return quote(path, safe="/~")


def quoted_query(parameters: Mapping[str, str]) -> str:
    """Query parameters as they stand in an S3 request and in its signature."""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def signed_headers(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    *,
    region: str,
    access_key: str,
    secret_key: str,
    token: Optional[str],
    now: datetime,
) -> Dict[str, str]:
    """The headers of a request with those that sign it.

    Args:
        method: ``GET`` and so on.
        path: The path as :func:`quoted_path` gives it.
        query: The query as :func:`quoted_query` gives it.
        headers: Headers to be signed, with lower-case names; ``host`` among them.
        region: The region of the bucket.
        access_key: The credentials' parts, with ``secret_key`` and, for temporary ones, ``token``.
        now: The time in UTC.
    """
    stamp = _stamp(now.replace(microsecond=0))
    day = stamp[:8]
    complete = {**headers, "x-amz-content-sha256": UNSIGNED, "x-amz-date": stamp}
    if token:
        complete["x-amz-security-token"] = token
    names = sorted(complete)
    signed_names = ";".join(names)
    canonical = "\n".join(
        [method, path, query, *[f"{name}:{complete[name].strip()}" for name in names], "", signed_names, UNSIGNED]
    )
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(secret_key, day, region), to_sign.encode(), "sha256").hex()
    complete["authorization"] = (
        f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={signed_names}, Signature={signature}"
    )
    return complete


@functools.lru_cache(maxsize=8)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@functools.lru_cache(maxsize=2)
def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%SZ")
