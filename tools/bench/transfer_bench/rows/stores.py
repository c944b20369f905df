"""The object stores that the engine could use, compared at the same work: a put of each file of S."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Callable, Iterator

from ..clients import CopyTool, DeadlineClient
from ..datasets import DataSet
from ..model import OURS, Case, Command, Contestant
from ..server import Endpoint
from ..workbench import Prepare, Workbench
from .uploads import PREFIX

HTTP = "our http"


def stores(bench: Workbench) -> Iterator[Case]:
    """Our lean client, boto3, awscrt's S3 client, and s5cmd for comparison."""
    if "cold" not in bench.options.states:
        return
    data = bench.data("S")
    shown = {"inner_wall": "wall within s", "inner_cpu": "CPU within s"}
    for transport in bench.options.transports:
        endpoint = bench.server.endpoints[transport]
        contestants = [_ours(bench, data, endpoint, store) for store in ("http", "boto3")]
        for peer in bench.chosen(["awscrt"]):
            contestants.append(bench.contestant(peer, partial(_awscrt, bench, data, endpoint)))
        contestants += bench.copy_contestants(["s5cmd"], partial(_copied, bench, data, endpoint))
        yield Case("stores", "cold", contestants, (), transport, "S", shown, ours=HTTP)


def _ours(bench: Workbench, data: DataSet, endpoint: Endpoint, store: str) -> Contestant:
    def command(bucket: str) -> Command:
        return bench.deadline(OURS).command(store, _options(data, bucket), endpoint, driver="store_puts.py")

    return bench.contestant(f"our {store}", lambda: _into_bucket(bench, data, command))


def _awscrt(bench: Workbench, data: DataSet, endpoint: Endpoint) -> Prepare:
    python = bench.environments.program("awscrt", "python")
    client = DeadlineClient("awscrt", python, bench.client_folder("awscrt") / "home", bench.sts_url)

    def command(bucket: str) -> Command:
        return client.command("put", _options(data, bucket), endpoint, driver="awscrt_puts.py")

    return _into_bucket(bench, data, command)


def _copied(bench: Workbench, data: DataSet, endpoint: Endpoint, tool: CopyTool) -> Prepare:
    return _into_bucket(bench, data, lambda bucket: tool.upload(data.root, bucket, PREFIX, endpoint))


def _options(data: DataSet, bucket: str) -> dict[str, str]:
    return {"root": str(data.root), "bucket": bucket, "prefix": PREFIX}


def _into_bucket(bench: Workbench, data: DataSet, command: Callable[[str], Command]) -> Prepare:
    @contextlib.contextmanager
    def prepare() -> Iterator[Command]:
        with bench.server.buckets.fresh() as bucket:
            yield command(bucket)
            bench.server.buckets.expect(bucket, data.files)

    return prepare
