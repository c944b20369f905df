"""Downloading a folder, each file verified where the client does that: ours always."""

from __future__ import annotations

import contextlib
from typing import Iterator

from ..clients import CopyTool, DeadlineClient
from ..datasets import DataSet, GiB
from ..errors import RunFailed
from ..model import Case, Command
from ..targets import Target, of_best, of_peer
from ..workbench import COPY_TOOLS, EXISTING, Prepare, Workbench
from .memory import peak_targets
from .uploads import PREFIX, publish

FLAT = "flat"
"""The prefix of the files under their own names, for tools that know nothing of manifests."""
ALLOWANCE = 0.15
"""Seconds of processor time for a GiB, beyond the best tool's: what verifying costs that none of them does."""

MANY = 1000
"""From so many files on a folder stays until the end: see :meth:`.workbench.Workbench.empty_folder`."""


def download(bench: Workbench, name: str) -> Iterator[Case]:
    """The outputs of a job with ``OutputDownloader``, or the same files copied, into an empty folder on disk."""
    if "cold" not in bench.options.states:
        return
    data = bench.data(name)
    with bench.server.buckets.fresh() as bucket:
        publish(bench, data, bucket)
        if bench.chosen(COPY_TOOLS):
            bench.server.buckets.upload(data.root, bucket, FLAT)
        for transport in bench.options.transports:
            yield _case(bench, data, transport, bucket)


def _case(bench: Workbench, data: DataSet, transport: str, bucket: str) -> Case:
    endpoint = bench.server.endpoints[transport]
    many = data.files > MANY

    def outputs(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with bench.empty_folder(client.name, "downloaded", stays=many) as folder:
                places = {"root": str(data.root), "destination": str(folder)}
                yield client.command("download", {"bucket": bucket, "prefix": PREFIX, **places}, endpoint)
                _expect(data, data.same_as(folder))

        return prepare

    def copied(tool: CopyTool) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with bench.empty_folder(tool.name, "downloaded", stays=many) as folder:
                yield tool.download(bucket, FLAT, folder, endpoint)
                _expect(data, data.same_as(folder))

        return prepare

    peers = ("s5cmd",) if data.name == "S" else COPY_TOOLS
    contestants = [*bench.deadline_contestants(outputs), *bench.copy_contestants(peers, copied)]
    return Case(f"download-{data.name}", "cold", contestants, _targets(data), transport, data.name)


def _targets(data: DataSet) -> list[Target]:
    if data.name == "S":
        targets = [of_peer("cpu", EXISTING, 1 / 4), of_peer("wall", "s5cmd", 1), of_peer("cpu", "s5cmd", 1)]
    else:
        allowance = ALLOWANCE * data.bytes / GiB
        targets = [
            of_best("cpu", plus=allowance, text=f"CPU <= the best peer + {ALLOWANCE} s/GiB"),
            of_best("wall", 1.03),
        ]
    return [*targets, *peak_targets(data.name)]


def _expect(data: DataSet, complete: bool) -> None:
    if not complete:
        raise RunFailed(f"the downloaded folder is not the same as data set {data.name}")
