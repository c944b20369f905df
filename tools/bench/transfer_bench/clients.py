"""How each contestant is told to upload or download a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Protocol

from .model import Command, Finish
from .server import ACCESS_KEY, SECRET_KEY, Endpoint

DRIVERS = Path(__file__).with_name("drivers")
REGION = "us-west-2"


def environment(home: Path) -> dict[str, str]:
    """Nothing of the user's: no profile, no proxy, no cache, no telemetry; credentials of the bench's own server."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
    }


@dataclass(frozen=True)
class DeadlineClient:
    """A Python in which an implementation of ``deadline`` is installed, driven through its public functions."""

    name: str
    python: Path
    home: Path
    sts_url: str

    def command(
        self,
        operation: str,
        options: Mapping[str, Any],
        endpoint: Endpoint | None = None,
        *,
        driver: str = "deadline_driver.py",
        finish: Finish | None = None,
    ) -> Command:
        """Run an operation of the driver with its options."""
        variables = {**environment(self.home), "AWS_ENDPOINT_URL_STS": self.sts_url}
        if endpoint is not None:
            variables["AWS_ENDPOINT_URL_S3"] = endpoint.url
            if endpoint.authority is not None:
                variables["AWS_CA_BUNDLE"] = str(endpoint.authority)
        argv = [str(self.python), str(DRIVERS / driver), operation, json.dumps(options)]
        return Command(argv, variables, reports=True, finish=finish)


class CopyTool(Protocol):
    """A program that copies folders to and from S3."""

    @property
    def name(self) -> str:
        """As which it stands in the tables."""

    def upload(self, folder: Path, bucket: str, prefix: str, endpoint: Endpoint) -> Command:
        """Copy all files of ``folder`` below ``prefix``."""

    def download(self, bucket: str, prefix: str, folder: Path, endpoint: Endpoint) -> Command:
        """Copy all objects below ``prefix`` into ``folder``."""


@dataclass(frozen=True)
class S5cmd:
    program: Path
    home: Path
    name: str = "s5cmd"

    def upload(self, folder: Path, bucket: str, prefix: str, endpoint: Endpoint) -> Command:
        return self._copy(f"{folder}/", f"s3://{bucket}/{prefix}/", endpoint)

    def download(self, bucket: str, prefix: str, folder: Path, endpoint: Endpoint) -> Command:
        return self._copy(f"s3://{bucket}/{prefix}/*", f"{folder}/", endpoint)

    def _copy(self, source: str, target: str, endpoint: Endpoint) -> Command:
        return Command(
            # It prints a line for each file unless told otherwise; the others were spared that, too.
            [str(self.program), "--log", "error", "--endpoint-url", endpoint.url, "cp", source, target],
            {**environment(self.home), **_authority(endpoint)},
        )


@dataclass(frozen=True)
class AwsCli:
    program: Path
    home: Path
    name: str = "aws"

    def upload(self, folder: Path, bucket: str, prefix: str, endpoint: Endpoint) -> Command:
        return self._copy(str(folder), f"s3://{bucket}/{prefix}/", endpoint)

    def download(self, bucket: str, prefix: str, folder: Path, endpoint: Endpoint) -> Command:
        return self._copy(f"s3://{bucket}/{prefix}/", str(folder), endpoint)

    def _copy(self, source: str, target: str, endpoint: Endpoint) -> Command:
        argv = [str(self.program), "--endpoint-url", endpoint.url, "s3", "cp", "--recursive", "--only-show-errors"]
        return Command([*argv, source, target], {**environment(self.home), **_authority(endpoint)})


@dataclass(frozen=True)
class Rclone:
    program: Path
    home: Path
    name: str = "rclone"

    def upload(self, folder: Path, bucket: str, prefix: str, endpoint: Endpoint) -> Command:
        return self._copy(str(folder), f"bench:{bucket}/{prefix}", endpoint)

    def download(self, bucket: str, prefix: str, folder: Path, endpoint: Endpoint) -> Command:
        return self._copy(f"bench:{bucket}/{prefix}", str(folder), endpoint)

    def _copy(self, source: str, target: str, endpoint: Endpoint) -> Command:
        remote = {
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_BENCH_TYPE": "s3",
            "RCLONE_CONFIG_BENCH_PROVIDER": "Other",
            "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
            "RCLONE_CONFIG_BENCH_REGION": REGION,
            "RCLONE_CONFIG_BENCH_ENDPOINT": endpoint.url,
            # The bucket is there; an own access key could not make it on a real service either.
            "RCLONE_CONFIG_BENCH_NO_CHECK_BUCKET": "true",
        }
        # It takes the authority by its own option and trips over the variable of the others.
        trust = ["--ca-cert", str(endpoint.authority)] if endpoint.authority is not None else []
        return Command([str(self.program), *trust, "copy", source, target], {**environment(self.home), **remote})


def _authority(endpoint: Endpoint) -> dict[str, str]:
    if endpoint.authority is None:
        return {}
    return {"AWS_CA_BUNDLE": str(endpoint.authority)}
