"""The proxy and the certificates through which AWS services are reached.

The settings ``settings.https_proxy`` and ``settings.ca_bundle`` go before the variables ``HTTPS_PROXY`` and
``AWS_CA_BUNDLE``. They are laid upon a session once; every client made from it then has them. Requests that no AWS
client makes, see :mod:`.web`, take the same way.
"""

from __future__ import annotations

import logging
import os
from configparser import ConfigParser
from typing import Any, NamedTuple, Optional

from botocore.config import Config

from deadline.client.config import get_setting
from deadline.client.config.editing import problem_with_setting
from deadline.client.exceptions import DeadlineOperationError

logger = logging.getLogger(__name__)

_STAMP = "_deadline_applied_proxy_settings"


class TransportSettings(NamedTuple):
    """Values of the settings; ``None`` leaves it to the environment."""

    https_proxy: Optional[str]
    ca_bundle: Optional[str]

    def __repr__(self) -> str:
        # The URL of a proxy may carry a password.
        proxy = "..." if self.https_proxy else None
        return f"TransportSettings(https_proxy={proxy}, ca_bundle={self.ca_bundle!r})"


def transport_settings(config: ConfigParser | None = None) -> TransportSettings:
    """The proxy and the certificates that the settings ask for.

    Raises:
        DeadlineOperationError: The file holds something for the proxy that is none.
    """
    proxy = get_setting("settings.https_proxy", config).strip()
    # A host alone is a proxy to botocore too.
    problem = problem_with_setting("settings.https_proxy", proxy if not proxy or "://" in proxy else f"http://{proxy}")
    if problem:
        # Said here, since libraries would repeat the value, which may hold a password.
        raise DeadlineOperationError(
            f"The setting settings.https_proxy is no use: {problem}. Mend it with `deadline config set "
            "settings.https_proxy <url>` or `deadline config clear settings.https_proxy`."
        )
    bundle = get_setting("settings.ca_bundle", config).strip()
    return TransportSettings(proxy or None, os.path.expanduser(bundle) if bundle else None)


def apply_proxy_settings(session: Any, config: ConfigParser | None = None) -> Any:
    """Lay the settings upon a boto3 session, once in its life, and return it.

    Clients of a session share their connections, so later settings cannot apply to it; where they differ a warning says
    which, without the values, since a proxy's URL may carry a password.
    """
    wanted = transport_settings(config)
    applied = getattr(session, _STAMP, None)
    if applied is None:
        _apply(session._session, wanted)
        setattr(session, _STAMP, wanted)
    elif applied != wanted:
        for name in TransportSettings._fields:
            if getattr(applied, name) != getattr(wanted, name):
                logger.warning(
                    "settings.%s has changed since the AWS session was made; the change applies to new sessions only.",
                    name,
                )
    return session


def _apply(botocore_session: Any, settings: TransportSettings) -> None:
    if settings.https_proxy:
        proxies = Config(proxies={"http": settings.https_proxy, "https": settings.https_proxy})
        default = botocore_session.get_default_client_config()
        botocore_session.set_default_client_config(default.merge(proxies) if default else proxies)
    if settings.ca_bundle:
        botocore_session.set_config_variable("ca_bundle", settings.ca_bundle)
