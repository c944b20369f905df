"""Old names of keyword arguments, which still work."""

from __future__ import annotations

import functools
import warnings
from typing import Any, Callable, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


def accepts_old_names(**new_names: str) -> Callable[[_Function], _Function]:
    """Let a function take keyword arguments by their old names too, with a :class:`DeprecationWarning`.

    Args:
        new_names: The new name of each old one.
    """

    def decorate(function: _Function) -> _Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for old, new in new_names.items():
                if old not in kwargs:
                    continue
                if kwargs.get(new) is not None:
                    raise TypeError(f"{function.__name__}() got both {new} and {old}, its old name.")
                warnings.warn(
                    f"The argument {old} of {function.__name__}() is deprecated; use {new}.",
                    DeprecationWarning,
                    stacklevel=2,
                )
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return cast("_Function", wrapper)

    return decorate
