"""The variables that point a client at a local farm, and how each shell sets them."""

from __future__ import annotations

import shlex
from typing import Callable, Mapping

from local_farm.settings import REGION, Settings

ACCESS_KEY_ID = "LOCALFARM"
SECRET_ACCESS_KEY = "local-farm"  # noqa: S105 (opens nothing but this farm)

REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "DEADLINE_CLOUD_REGIONS")
"""Variables that would lead a client elsewhere."""


def client_environment(settings: Settings, endpoint_url: str) -> dict[str, str]:
    """The variables that a client of the farm at ``endpoint_url`` needs, and no others."""
    services = ("DEADLINE", "S3", "STS", "CLOUDWATCH_LOGS", "IAM")
    neighbours = {f"AWS_ENDPOINT_URL_{service}": endpoint_url for service in services}
    if settings.s3_endpoint:
        neighbours["AWS_ENDPOINT_URL_S3"] = settings.s3_endpoint
    folder = settings.client_config.parent
    return {
        **neighbours,
        # Else botocore would put `management.` before the host, which resolves nowhere on this machine.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Profiles of the user's own would bring other credentials, endpoints or proxies.
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "DEADLINE_CONFIG_FILE_PATH": str(settings.client_config),
        "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
        # Both, as the one in small letters counts where it is set.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _fish(name: str, value: str | None) -> str:
    return f"set --erase {name};" if value is None else f"set --export {name} {shlex.quote(value)};"


def _posix(name: str, value: str | None) -> str:
    return f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"


def _powershell(name: str, value: str | None) -> str:
    if value is None:
        return f"Remove-Item -ErrorAction Ignore Env:{name}"
    quoted = value.replace("'", "''")
    return f"$Env:{name} = '{quoted}'"


def _cmd(name: str, value: str | None) -> str:
    return f'set "{name}={value or ""}"'


SHELLS: Mapping[str, Callable[[str, str | None], str]] = {
    "posix": _posix,
    "fish": _fish,
    "powershell": _powershell,
    "cmd": _cmd,
}


def shell_lines(environment: Mapping[str, str], shell: str) -> list[str]:
    """The lines that set ``environment`` in a shell of :data:`SHELLS`, and remove what would lead elsewhere."""
    line = SHELLS[shell]
    return [*(line(name, None) for name in REMOVED), *(line(name, value) for name, value in environment.items())]
