"""How many requests a file costs: each of them takes time on a network that is not loopback, and money."""

from __future__ import annotations

import contextlib
from typing import Iterator, Mapping

from ..clients import DeadlineClient
from ..counting_proxy import counting_proxy
from ..model import Case, Command, Measurement
from ..server import PLAIN, Endpoint
from ..targets import at_most
from ..workbench import Prepare, Workbench
from .uploads import upload_command

FIXED = 50
"""Requests that do not grow with the files: for the manifest, for listing, for a sample of what the cache claims."""


def requests(bench: Workbench) -> Iterator[Case]:
    """Uploads of S through a proxy that counts: of new files, and of files that the caches know to be there."""
    data = bench.data("S")
    upstream = bench.server.endpoints[PLAIN].url

    def prepare_for(client: DeadlineClient, *, warm: bool) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with contextlib.ExitStack() as stack:
                bucket = stack.enter_context(bench.server.buckets.fresh())
                cache = stack.enter_context(bench.empty_folder(client.name, "cache"))
                if warm:
                    bench.run(client.name, upload_command(client, data, bucket, cache, Endpoint(upstream)))
                proxy = stack.enter_context(counting_proxy(upstream))

                def count(_: Measurement) -> Mapping[str, float]:
                    total = len(proxy.requests)
                    grown = max(0, total - FIXED) if warm else total
                    return {"requests": total, "requests a file": grown / data.files}

                command = upload_command(client, data, bucket, cache, Endpoint(proxy.url))
                yield Command(command.argv, command.environment, reports=True, finish=count)
                bench.server.buckets.expect(bucket, data.files + (2 if warm else 1))

        return prepare

    shown = {"requests": "requests", "requests a file": "a file"}
    # Counts do not scatter: one round tells.
    if "cold" in bench.options.states:
        contestants = bench.deadline_contestants(lambda client: prepare_for(client, warm=False))
        targets = [at_most("requests a file", 1.05, "requests for each new small file <= 1.05")]
        yield Case("requests", "new", contestants, targets, PLAIN, shown=shown, runs=1)
    if "warm" in bench.options.states:
        contestants = bench.deadline_contestants(lambda client: prepare_for(client, warm=True))
        targets = [at_most("requests a file", 0, f"requests for each file that is known, beyond {FIXED} in all: 0")]
        yield Case("requests", "warm", contestants, targets, PLAIN, shown=shown, runs=1)
