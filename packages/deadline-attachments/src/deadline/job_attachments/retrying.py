"""Calling a function again when it fails for a reason that may pass."""

from __future__ import annotations

import functools
import random
import time
from typing import Any, Callable, Tuple, Type, TypeVar, Union

Function = TypeVar("Function", bound=Callable[..., Any])


def retry(
    exceptions: Union[Type[BaseException], Tuple[Type[BaseException], ...]],
    *,
    tries: int = 3,
    delay: Tuple[float, float] = (0.5, 1.5),
    sleep: Callable[[float], None] = time.sleep,
) -> Callable[[Function], Function]:
    """A decorator that calls its function up to ``tries`` times, and raises the last error.

    Args:
        exceptions: After which errors to try again.
        tries: How often to call the function, at the most.
        delay: The shortest and the longest pause in seconds; between them chance decides, so that callers part.
        sleep: How to pause.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            for _ in range(tries - 1):
                try:
                    return function(*arguments, **named)
                except exceptions:
                    sleep(random.uniform(*delay))
            return function(*arguments, **named)

        return call  # type: ignore[return-value]

    return decorate
