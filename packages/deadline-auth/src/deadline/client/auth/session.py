"""boto3 sessions of the configured AWS profile, and their clients; made once, and safe to ask for from any thread.

>>> from deadline.client.auth.session import get_boto3_client
>>> deadline = get_boto3_client("deadline")  # doctest: +SKIP

A session belongs to a profile, to the proxy and certificates of the settings and, where one is named, to a region.
Clients belong to their session: when sessions are thrown away by :func:`invalidate_boto3_session_cache`, for instance
because the user has logged in anew, their clients go with them.

Making a client may take long, since a profile can name a program to ask for credentials. It holds up those alone who
want a client of the same session.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections import OrderedDict
from configparser import ConfigParser
from typing import Any, Callable, Dict, Hashable, Iterator, List, Tuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from deadline.client.config import get_setting
from deadline.client.config.editing import DEFAULT_PROFILE_NAMES
from deadline.client.exceptions import DeadlineOperationError

from .client_config import get_default_client_config
from .process_credentials import keep_process_credentials_longer
from .regions import endpoint_in_region, resolve_region
from .service_model import add_bundled_service_model
from .transport import apply_proxy_settings, transport_settings

_MAXIMUM_SESSIONS = 128


class _Clients:
    """The clients of one session, and the lock under which they are made: boto3 does not make them in threads safely."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.made: Dict[Hashable, Any] = {}


_lock = threading.RLock()
_sessions: OrderedDict[Hashable, boto3.Session] = OrderedDict()
_clients: weakref.WeakKeyDictionary[boto3.Session, _Clients] = weakref.WeakKeyDictionary()


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
    key = ("profile", profile_name(config), region, transport_settings(config))
    return cached_session(key, lambda: new_session(config, region))


def new_session(config: ConfigParser | None = None, region: str | None = None) -> boto3.Session:
    """A session as of :func:`get_boto3_session` that nobody else has and that knows nothing of former credentials."""
    session: Any = boto3.Session(profile_name=profile_name(config), region_name=region)
    add_bundled_service_model(session._session)
    keep_process_credentials_longer(session._session)
    return apply_proxy_settings(session, config)  # type: ignore[no-any-return]


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
    # A client keeps the user agent it was made with, so that it serves callers with the same one only.
    key = (service_name, region, client_config, config.user_agent_extra)
    with _lock:
        clients = _clients.setdefault(session, _Clients())
    with clients.lock:
        if key not in clients.made:
            clients.made[key] = _make_client(
                session, service_name, region, config.merge(client_config) if client_config else config
            )
        return clients.made[key]


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


_levels: Dict[logging.Logger, Tuple[int, List[int]]] = {}


@contextlib.contextmanager
def modified_logging_level(logger: logging.Logger, level: int) -> Iterator[None]:
    """Set the level of a logger for the time of a block; of blocks that overlap in several threads, the last one's."""
    with _lock:
        _, wanted = _levels.setdefault(logger, (logger.level, []))
        wanted.append(level)
        logger.setLevel(level)
    try:
        yield
    finally:
        with _lock:
            before, wanted = _levels[logger]
            wanted.remove(level)
            logger.setLevel(wanted[-1] if wanted else before)
            if not wanted:
                del _levels[logger]


def _make_client(session: Any, service_name: str, region: str | None, config: Config) -> Any:
    make = session.client
    try:
        client = make(service_name, region_name=region, config=config)
    except ValueError as error:
        if isinstance(error, BotoCoreError):
            raise
        raise DeadlineOperationError(
            f"The AWS service {service_name} cannot be reached: {error}. Check the variables whose names begin with "
            "AWS_ENDPOINT_URL, and endpoint_url in the AWS profile; an address begins with https://"
        ) from error
    moved = endpoint_in_region(client.meta.endpoint_url, session.region_name, region) if region else None
    return client if moved is None else make(service_name, region_name=region, endpoint_url=moved, config=config)
