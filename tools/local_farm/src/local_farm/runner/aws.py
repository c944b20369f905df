"""A boto3 session whose clients talk to the farm."""

from __future__ import annotations

import threading
from typing import Any, Mapping

import boto3
import botocore.session
from botocore.config import Config

_NO_FILES: dict[str, tuple[None, None, str | None, None]] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, "", None),
    "credentials_file": (None, None, "", None),
}
"""Where botocore looks for the user's profiles: nowhere."""


class FarmSession(boto3.Session):
    """Credentials, region and endpoints from the farm's environment variables, whatever this process inherited.

    Profiles and proxies of whoever started the farm are none of its business.

    Arguments:
        environment: As of ``LocalFarm.environment()``: ``AWS_ENDPOINT_URL_<SERVICE>``, ``AWS_DEFAULT_REGION`` and keys.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
            botocore_session=botocore.session.Session(session_vars=_NO_FILES),
        )
        self._endpoints = environment
        # boto3 makes clients safely in one thread at a time only, and every worker makes some.
        self._making = threading.Lock()

    def client(self, *args: Any, **kwargs: Any) -> Any:
        """A client, with boto3's arguments, at the farm's endpoint for the service unless ``endpoint_url`` is given."""
        service = str(args[0] if args else kwargs["service_name"])
        if kwargs.get("endpoint_url") is None:
            # The variables carry the services' ids, which only for this one differs from the name that boto3 takes.
            service_id = {"logs": "CLOUDWATCH_LOGS"}.get(service, service.upper())
            kwargs["endpoint_url"] = self._endpoints.get(f"AWS_ENDPOINT_URL_{service_id}")
        without_proxy: Any = Config(proxies={})
        kwargs["config"] = without_proxy.merge(kwargs["config"]) if kwargs.get("config") else without_proxy
        with self._making:
            return super().client(*args, **kwargs)
