"""Sessions and clients, made once for each configuration.

A session given by the caller brings its own settings (profile, proxy, certificates); these clients inherit them.
"""

from __future__ import annotations

import threading
import weakref
from functools import lru_cache
from typing import Any, Dict, Optional

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .._version import version
from .aws_config import S3_CONNECT_TIMEOUT_IN_SECS, S3_READ_TIMEOUT_IN_SECS, S3_RETRIES_MODE

_lock = threading.Lock()
# Kept for as long as the session lives, so that a worker which makes a session for each job does not collect them.
_kept: weakref.WeakKeyDictionary[Any, Dict[Any, Any]] = weakref.WeakKeyDictionary()


def get_botocore_session() -> botocore.session.Session:
    """A new botocore session that asks regional endpoints."""
    session = botocore.session.get_session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    return session


@lru_cache(maxsize=1)
def get_boto3_session() -> boto3.Session:
    """The session of callers that bring none."""
    return boto3.Session(botocore_session=get_botocore_session())


def get_s3_client(session: Optional[boto3.Session] = None, s3_max_pool_connections: int = 50) -> Any:
    """The S3 client of a session."""
    session = session or get_boto3_session()

    def make() -> Any:
        return session.client(
            "s3",
            config=Config(
                signature_version="s3v4",
                connect_timeout=S3_CONNECT_TIMEOUT_IN_SECS,
                read_timeout=S3_READ_TIMEOUT_IN_SECS,
                retries={"mode": S3_RETRIES_MODE},
                user_agent_extra=f"S3A/Deadline/NA/JobAttachments/{version}",
                max_pool_connections=s3_max_pool_connections,
            ),
        )

    return _once(session, ("s3", s3_max_pool_connections), make)


def get_deadline_client(session: Optional[boto3.Session] = None, endpoint_url: Optional[str] = None) -> Any:
    """The Deadline Cloud client of a session."""
    session = session or get_boto3_session()
    return _once(session, ("deadline", endpoint_url), lambda: session.client("deadline", endpoint_url=endpoint_url))


def get_account_id(session: Optional[boto3.Session] = None) -> Optional[str]:
    """The account of a session's credentials, or ``None`` where it cannot be found out; asked again next time then."""
    session = session or get_boto3_session()
    credentials = session.get_credentials()
    if credentials is None:
        return None
    known = getattr(credentials.get_frozen_credentials(), "account_id", None)
    if known:
        return str(known)
    config = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 2})
    try:
        return str(
            _once(session, "account", lambda: session.client("sts", config=config).get_caller_identity()["Account"])
        )
    except (BotoCoreError, ClientError):
        return None


def _once(session: Any, name: Any, make: Any) -> Any:
    with _lock:
        kept = _kept.setdefault(session, {})
    if name not in kept:
        # Two threads may both make it; the first one's is kept.
        kept.setdefault(name, make())
    return kept[name]
