"""boto3 sessions of the configured AWS profile, and their clients; made once, and safe to ask for from any thread.

>>> from deadline.client.auth.session import get_boto3_client
>>> deadline = get_boto3_client("deadline")  # doctest: +SKIP

A session belongs to a profile and, where one is named, a region. Clients belong to their session: when sessions are
thrown away by :func:`invalidate_boto3_session_cache`, for instance because the user has logged in anew, their clients
go with them.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections import OrderedDict
from configparser import ConfigParser
from typing import Any, Callable, Dict, Hashable, Iterator

import boto3
from botocore.config import Config

from deadline.client.config import get_setting
from deadline.client.config._settings import DEFAULT_PROFILE_NAMES

from .client_config import get_default_client_config
from .regions import endpoint_in_region, resolve_region
from .transport import apply_proxy_settings

logger = logging.getLogger(__name__)

_MAXIMUM_SESSIONS = 128
# The monitor hands out credentials for fifteen minutes. botocore would by default ask for new ones fifteen minutes
# before their end, which is at every call.
_ADVISORY_REFRESH_SECONDS = 300
_MANDATORY_REFRESH_SECONDS = 150

# boto3 makes neither sessions nor clients safely in several threads at once.
_lock = threading.RLock()
_sessions: OrderedDict[Hashable, boto3.Session] = OrderedDict()
_clients: weakref.WeakKeyDictionary[boto3.Session, Dict[Hashable, Any]] = weakref.WeakKeyDictionary()


def profile_name(config: ConfigParser | None = None) -> str | None:
    """The configured AWS profile, or ``None`` for the default chain of credentials."""
    name = get_setting("defaults.aws_profile_name", config)
    return None if name in DEFAULT_PROFILE_NAMES else name


def get_boto3_session(
    force_refresh: bool = False, config: ConfigParser | None = None, region: str | None = None
) -> boto3.Session:
    """The session of the configured AWS profile.

    Args:
        force_refresh: Throw every session away first, so that credentials are read anew.
        config: A configuration to read from instead of the settings file.
        region: The region of the session, instead of the profile's.

    Raises:
        botocore.exceptions.ProfileNotFound: There is no such profile.
    """
    if force_refresh:
        invalidate_boto3_session_cache()
    profile = profile_name(config)

    def make() -> boto3.Session:
        session = boto3.Session(profile_name=profile, region_name=region)
        _keep_short_credentials_longer(session)
        return session

    return apply_proxy_settings(cached_session(("profile", profile, region), make), config)  # type: ignore[no-any-return]


def get_boto3_client(service_name: str, config: ConfigParser | None = None, region: str | None = None) -> Any:
    """A client of an AWS service, in ``region`` or the region of the default farm or else of the profile."""
    session = get_boto3_session(config=config)
    return get_session_client(session, service_name, resolve_region(config, region))


def get_session_client(
    session: boto3.Session, service_name: str, region: str | None = None, client_config: Config | None = None
) -> Any:
    """The client of a service that belongs to ``session``, the same one for the same arguments.

    Args:
        session: The session whose credentials and settings the client has.
        service_name: A service of boto3, such as ``deadline``.
        region: The region to call, instead of the session's.
        client_config: Options that go before :func:`~.client_config.get_default_client_config`. Pass the same object
            each time: another one is another client.
    """
    config: Any = get_default_client_config()
    with _lock:
        clients = _clients.setdefault(session, {})
        # A client keeps the user agent it was made with, so that it serves callers with the same one only.
        key = (service_name, region, client_config, config.user_agent_extra)
        if key not in clients:
            clients[key] = _make_client(
                session, service_name, region, config.merge(client_config) if client_config else config
            )
        return clients[key]


def cached_session(key: Hashable, make: Callable[[], boto3.Session]) -> boto3.Session:
    """The session kept under ``key``, made where there is none yet; the longest unused one gives way in the end."""
    with _lock:
        if key not in _sessions:
            _sessions[key] = make()
            if len(_sessions) > _MAXIMUM_SESSIONS:
                _sessions.popitem(last=False)
        _sessions.move_to_end(key)
        return _sessions[key]


def invalidate_boto3_session_cache() -> None:
    """Forget every session, those of queue roles too, and their clients."""
    with _lock:
        _sessions.clear()
        _clients.clear()


@contextlib.contextmanager
def modified_logging_level(logger: logging.Logger, level: int) -> Iterator[None]:
    """Set the level of a logger for the time of a block."""
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)


def _make_client(session: Any, service_name: str, region: str | None, config: Config) -> Any:
    make = session.client
    client = make(service_name, region_name=region, config=config)
    moved = endpoint_in_region(client.meta.endpoint_url, session.region_name, region) if region else None
    return client if moved is None else make(service_name, region_name=region, endpoint_url=moved, config=config)


def _keep_short_credentials_longer(session: Any) -> None:
    """Let credentials of the monitor serve for most of their life; an error in them shows when they are used."""
    try:
        if "credential_process" not in session._session.get_scoped_config():
            return
        credentials: Any = session.get_credentials()
    except Exception as error:
        logger.debug("The credentials of the profile could not be read yet: %s", type(error).__name__)
        return
    if getattr(credentials, "method", None) == "custom-process":
        credentials._advisory_refresh_timeout = _ADVISORY_REFRESH_SECONDS
        credentials._mandatory_refresh_timeout = _MANDATORY_REFRESH_SECONDS
