"""Several calls at a time."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Callable, List, Sequence, TypeVar

WORKERS = 8
"""Calls of the service at a time. A patient client slows all of them down together when the service asks for it."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    function: Callable[[Item], Result], items: Sequence[Item], keep_going: Callable[[], None], workers: int = WORKERS
) -> List[Result]:
    """What a function makes of each item, in the order of the items.

    The first error ends it: calls under way are finished, and no other is begun.

    Args:
        function: Called on threads of its own.
        items: What it is called with.
        keep_going: Called before each call; it raises to end them all.
        workers: How many calls are under way at a time, at the most.
    """

    def call(item: Item) -> Result:
        keep_going()
        return function(item)

    if len(items) < 2:
        return [call(item) for item in items]
    with ThreadPoolExecutor(min(workers, len(items)), thread_name_prefix="deadline-call") as pool:
        futures = [pool.submit(call, item) for item in items]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                if future.exception() is not None:
                    future.result()
        finally:
            for future in futures:
                future.cancel()
        return [future.result() for future in futures]
