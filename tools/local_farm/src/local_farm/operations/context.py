"""What operations work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from local_farm.state.database import Database


@dataclass(frozen=True)
class Context:
    """The farm's state; ``notify`` tells the runner that there may be something to do.

    ``strike`` is called with the name of an operation and raises what shall go wrong with it: batches call it for each of
    their items.
    """

    database: Database
    notify: Callable[[], None]
    strike: Callable[[str], None] = lambda _operation: None
