"""Credentials that a program hands out for a short time, as the Deadline Cloud monitor does for fifteen minutes.

botocore asks for new credentials from fifteen minutes before their end, which here is at every call. These serve for
most of their life instead. Nothing is asked for before credentials are needed.
"""

from __future__ import annotations

from typing import Any, List

from botocore.credentials import CredentialProvider

METHOD = "custom-process"
"""How botocore calls the provider that runs a profile's ``credential_process``."""

ADVISORY_REFRESH_SECONDS = 300
MANDATORY_REFRESH_SECONDS = 150


def keep_process_credentials_longer(botocore_session: Any) -> None:
    """Let the credentials of a session's ``credential_process`` serve until five minutes before their end."""
    providers: List[Any] = botocore_session.get_component("credential_provider").providers
    providers[:] = [_Longer(provider) if provider.METHOD == METHOD else provider for provider in providers]


class _Longer(CredentialProvider):
    METHOD = METHOD
    CANONICAL_NAME = METHOD

    def __init__(self, provider: Any) -> None:
        super().__init__()
        self._provider = provider

    def load(self) -> Any:
        credentials = self._provider.load()
        # Fixed credentials have no times.
        if hasattr(credentials, "_advisory_refresh_timeout"):
            credentials._advisory_refresh_timeout = ADVISORY_REFRESH_SECONDS
            credentials._mandatory_refresh_timeout = MANDATORY_REFRESH_SECONDS
        return credentials
