"""What the engine tells about its work, as values.

The engine calls an :data:`EventSink` with each event, from whatever thread did the work; progress bars, logs and the
callbacks of integrations are sinks. A sink must be quick and safe to call from several threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Union


@dataclass(frozen=True)
class Hashed:
    """A file's content has a hash; ``from_cache`` when it was known from before and not read."""

    path: str
    size: int
    from_cache: bool


@dataclass(frozen=True)
class HashedBatch:
    """``files`` small files of together ``size`` bytes have hashes; ``from_cache`` as of :class:`Hashed`."""

    files: int
    size: int
    from_cache: bool


@dataclass(frozen=True)
class Sent:
    """``size`` bytes of a file went to the store; ``done`` when they were its last."""

    path: str
    size: int
    done: bool


@dataclass(frozen=True)
class Resumed:
    """``size`` bytes of a file need no transfer: an earlier one, which did not come to its end, had done them."""

    path: str
    size: int


@dataclass(frozen=True)
class Received:
    """``size`` bytes of a file came from the store; ``done`` when the file is verified and in its place."""

    path: str
    size: int
    done: bool


@dataclass(frozen=True)
class Skipped:
    """A file of ``size`` bytes needed no transfer: the other side has it already."""

    path: str
    size: int


Event = Union[Hashed, HashedBatch, Sent, Resumed, Received, Skipped]
EventSink = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The sink of those who do not want to know."""
