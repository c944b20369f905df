"""Sessions whose credentials come from a role that the service hands out, such as that of a queue or of a fleet.

The role is assumed when credentials are first needed, and again before they expire. Such a session has the proxy, the
certificates and the region of the session that it is derived from.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Callable, Dict, Hashable, Mapping

import boto3
import botocore.session
from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import ClientError

from deadline.client.exceptions import DeadlineOperationError

from .service_model import add_bundled_service_model
from .session import cached_session
from .transport import apply_proxy_settings


class RoleCredentialProvider(CredentialProvider):
    """Gets a botocore session its credentials by assuming a role.

    Args:
        whose: Whose role it is, for error messages: ``queue Comp``.
        assume: Calls the service; its answer has ``credentials``.
    """

    METHOD = "assumed-role"
    CANONICAL_NAME = METHOD

    def __init__(self, whose: str, assume: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._whose = whose
        self._assume = assume

    def load(self) -> DeferredRefreshableCredentials:
        """Credentials that are fetched when they are first used, and again before they expire."""
        return DeferredRefreshableCredentials(refresh_using=self._fetch, method=self.METHOD)

    def _fetch(self) -> Dict[str, str]:
        try:
            answer = self._assume()
        except ClientError as error:
            raise DeadlineOperationError(
                f"The role of {self._whose} could not be assumed: {error}\n{_what_to_do(self._whose, error)}"
            ) from error
        credentials = answer.get("credentials")
        if not credentials:
            raise DeadlineOperationError(
                f"The service gave no credentials for {self._whose}. Ask the farm's administrator whether it has a role."
            )
        return {
            "access_key": credentials["accessKeyId"],
            "secret_key": credentials["secretAccessKey"],
            "token": credentials["sessionToken"],
            "expiry_time": credentials["expiration"].isoformat(),
        }


def role_session(
    key: Hashable, base: Any, provider: CredentialProvider, region: str | None, config: ConfigParser | None
) -> boto3.Session:
    """The session kept under ``key`` that gets its credentials from ``provider``.

    Args:
        key: What tells this session from others.
        base: The session of the user, whose profile it has.
        provider: Where its credentials come from.
        region: Its region.
        config: A configuration to read proxy and certificates from, instead of the settings file.
    """

    def make() -> boto3.Session:
        profile = None if base.profile_name == "default" else base.profile_name
        session = botocore.session.Session(profile=profile)
        add_bundled_service_model(session)
        # First of all: other providers would find the user's own credentials.
        session.get_component("credential_provider").providers.insert(0, provider)
        return boto3.Session(botocore_session=session, region_name=region)

    return apply_proxy_settings(cached_session(key, make), config)  # type: ignore[no-any-return]


def _what_to_do(whose: str, error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code")
    if code == "ThrottlingException":
        return "Too many requests were made at once. Try again later, or ask for a higher limit of your AWS account."
    if code in ("InternalServerException", "InternalServerErrorException"):
        return "The service had an internal error. Try again in a moment."
    kind = whose.split(" ", 1)[0]
    return f"Ask the farm's administrator whether the {kind} has a role and whether you may use it."
