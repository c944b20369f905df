"""The service endpoint that applies without any setting of this client."""

from __future__ import annotations

import os

from ._profiles import region_of_environment
from ._regions import AWS_ENDPOINT_URL_DEADLINE_ENV_VAR


def default_deadline_endpoint_url() -> str:
    """The variable ``AWS_ENDPOINT_URL_DEADLINE``, else the public endpoint in the region of the environment."""
    endpoint = os.environ.get(AWS_ENDPOINT_URL_DEADLINE_ENV_VAR)
    return endpoint or f"https://deadline.{region_of_environment() or 'us-west-2'}.amazonaws.com"
