"""Many small objects at once for stores that have no better way than a thread for each."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Callable, Dict, Iterator, Tuple, TypeVar

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import AssetSyncCancelledError
from .port import Item, Small

Result = TypeVar("Result")
THREADS = 16
_LONGEST_LOOK = 0.1


def many_by_threads(
    objects: Iterator[Small[Item]],
    request: Callable[[Small[Item]], Result],
    budget: RequestBudget,
    cancel: CancelToken,
) -> Iterator[Tuple[Item, Result]]:
    """Make a request for each object and yield its item with the result, in the order in which they come."""
    under_way: Dict[Future[Result], Small[Item]] = {}
    exhausted = False
    with ThreadPoolExecutor(min(THREADS, budget.most), "deadline-many") as pool:
        try:
            while True:
                cancel.raise_if_cancelled()
                if budget.closed:
                    raise AssetSyncCancelledError("The operation has ended.")
                while not exhausted and len(under_way) < THREADS and budget.try_take(at_least_one=not under_way):
                    small = next(objects, None)
                    if small is None:
                        exhausted = True
                        budget.withdraw()
                    else:
                        under_way[pool.submit(request, small)] = small
                if not under_way:
                    return
                for future in wait(under_way, _LONGEST_LOOK, FIRST_COMPLETED).done:
                    small = under_way.pop(future)
                    budget.give_back()
                    yield small.item, future.result()
        finally:
            for future in under_way:
                future.cancel()
            budget.withdraw(len(under_way))
