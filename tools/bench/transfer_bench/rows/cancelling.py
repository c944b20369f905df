"""How soon an upload stops once it is told to."""

from __future__ import annotations

import contextlib
from typing import Iterator, Mapping

from ..clients import DeadlineClient
from ..counting_proxy import counting_proxy
from ..errors import RunFailed
from ..model import Case, Command, Measurement
from ..server import PLAIN, Endpoint
from ..targets import at_most
from ..workbench import Prepare, Workbench
from .uploads import upload_command


def cancel(bench: Workbench) -> Iterator[Case]:
    """The callback says stop at the first file of S: until when do new requests come?"""
    if "cold" not in bench.options.states:
        return
    data = bench.data("S")
    upstream = bench.server.endpoints[PLAIN].url

    def prepare_for(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with contextlib.ExitStack() as stack:
                bucket = stack.enter_context(bench.server.buckets.fresh())
                cache = stack.enter_context(bench.empty_folder(client.name, "cache"))
                proxy = stack.enter_context(counting_proxy(upstream))

                def after_stop(measurement: Measurement) -> Mapping[str, float]:
                    stopped = measurement.extra.get("stopped_at")
                    if stopped is None:
                        raise RunFailed("the progress callback was never asked after a file was sent")
                    late = [request.at - stopped for request in proxy.requests if request.at > stopped]
                    return {"went on": max(late, default=0.0), "late requests": len(late)}

                command = upload_command(client, data, bucket, cache, Endpoint(proxy.url), "cancel")
                yield Command(command.argv, command.environment, reports=True, finish=after_stop)

        return prepare

    shown = {"went on": "went on s", "late requests": "late requests"}
    targets = [at_most("went on", 0.2, "last new request <= 0.2 s after the stop")]
    yield Case("cancel", "", bench.deadline_contestants(prepare_for), targets, PLAIN, shown=shown)
