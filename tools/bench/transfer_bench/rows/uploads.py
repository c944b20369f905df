"""Uploading a folder: hashing it, finding out what is there, sending the rest, and the manifest."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Iterator

from ..clients import CopyTool, DeadlineClient
from ..datasets import DataSet
from ..model import OURS, Case, Command
from ..server import TLS, Endpoint
from ..targets import Target, of_best, of_peer
from ..workbench import COPY_TOOLS, EXISTING, Prepare, Workbench
from .memory import peak_targets

PREFIX = "bench"


def upload(bench: Workbench, name: str) -> Iterator[Case]:
    """A data set into an empty bucket; S also where its objects are there, with caches lost and with warm ones."""
    data = bench.data(name)
    states = bench.options.states
    if "cold" in states:
        for transport in bench.options.transports:
            yield _cold(bench, data, transport)
    if name == "S" and {"lost", "warm"} & set(states):
        with bench.server.buckets.fresh() as bucket:
            publish(bench, data, bucket)
            for transport in bench.options.transports:
                if "lost" in states:
                    yield _there(bench, data, transport, bucket, warm=False)
                if "warm" in states:
                    yield _there(bench, data, transport, bucket, warm=True)


def publish(bench: Workbench, data: DataSet, bucket: str) -> None:
    """Upload a data set as the outputs of a job, off the clock."""
    client = bench.deadline(OURS)
    with bench.empty_folder(OURS, "publishing") as cache:
        options = {"root": str(data.root), "bucket": bucket, "prefix": PREFIX, "cache": str(cache)}
        bench.say(f"uploading {data.name} for the cases that need it there")
        bench.run(OURS, client.command("publish", options, next(iter(bench.server.endpoints.values()))))


def upload_command(
    client: DeadlineClient, data: DataSet, bucket: str, cache: Path, endpoint: Endpoint, operation: str = "upload"
) -> Command:
    options = {"root": str(data.root), "bucket": bucket, "prefix": PREFIX, "cache": str(cache)}
    return client.command(operation, options, endpoint)


def _cold(bench: Workbench, data: DataSet, transport: str) -> Case:
    server = bench.server
    endpoint = server.endpoints[transport]

    def with_manifest(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with server.buckets.fresh() as bucket, bench.empty_folder(client.name, "cache") as cache:
                yield upload_command(client, data, bucket, cache, endpoint)
                server.buckets.expect(bucket, data.files + 1)

        return prepare

    def copied(tool: CopyTool) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with server.buckets.fresh() as bucket:
                yield tool.upload(data.root, bucket, PREFIX, endpoint)
                server.buckets.expect(bucket, data.files)

        return prepare

    peers = ("s5cmd",) if data.name == "S" else COPY_TOOLS
    contestants = [*bench.deadline_contestants(with_manifest), *bench.copy_contestants(peers, copied)]
    return Case(f"upload-{data.name}", "cold", contestants, _targets(data, transport), transport, data.name)


def _targets(data: DataSet, transport: str) -> list[Target]:
    if data.name == "S":
        factor = 0.75 if transport == TLS else 1
        targets = [of_peer("wall", "s5cmd", factor), of_peer("cpu", "s5cmd", factor)]
    else:
        targets = [
            of_peer("cpu", EXISTING, 1 / 2),
            of_best("wall", 1.03),
        ]
    return [*targets, *peak_targets(data.name)]


def _there(bench: Workbench, data: DataSet, transport: str, bucket: str, *, warm: bool) -> Case:
    endpoint = bench.server.endpoints[transport]

    def prepare_for(client: DeadlineClient) -> Prepare:
        kept = bench.client_folder(client.name) / f"warm-cache-{data.name}"

        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            if not warm:
                with bench.empty_folder(client.name, "cache") as cache:
                    yield upload_command(client, data, bucket, cache, endpoint)
                return
            if not kept.exists():
                kept.mkdir()
                bench.run(client.name, upload_command(client, data, bucket, kept, endpoint))
            yield upload_command(client, data, bucket, kept, endpoint)

        return prepare

    factor = 1 / 4 if warm else 1 / 8
    targets = [of_peer("wall", EXISTING, factor), of_peer("cpu", EXISTING, factor), *peak_targets(data.name)]
    contestants = bench.deadline_contestants(prepare_for)
    return Case(f"upload-{data.name}", "warm" if warm else "lost", contestants, targets, transport, data.name)
