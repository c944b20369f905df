"""A boto3 session whose clients talk to the farm."""

from __future__ import annotations

from typing import Any, Mapping

import boto3


class FarmSession(boto3.Session):
    """Credentials, region and endpoints from the farm's environment variables, whatever this process inherited.

    Arguments:
        environment: As of ``LocalFarm.environment()``: ``AWS_ENDPOINT_URL_<SERVICE>``, ``AWS_DEFAULT_REGION`` and keys.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
        )
        self._endpoints = environment

    def client(self, *args: Any, **kwargs: Any) -> Any:
        """A client, with boto3's arguments, at the farm's endpoint for the service unless ``endpoint_url`` is given."""
        service = str(args[0] if args else kwargs["service_name"])
        if kwargs.get("endpoint_url") is None:
            # The variables carry the services' ids, which only for this one differs from the name that boto3 takes.
            service_id = {"logs": "CLOUDWATCH_LOGS"}.get(service, service.upper())
            kwargs["endpoint_url"] = self._endpoints.get(f"AWS_ENDPOINT_URL_{service_id}")
        return super().client(*args, **kwargs)
