"""The hash of a file whose parts come in any order.

Parts that come early are kept until those before them have been hashed, so that no byte has to be read back from the
disk. They come nearly in order, and are bounded by whatever bounds the parts that are under way.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, List, Union

from ..asset_manifests.hash_algorithms import HashAlgorithm, new_hasher

Part = Union[memoryview, Callable[[], Any]]
"""The bytes of a part, or a function that reads them where they are on the disk already."""


class OrderedHash:
    """Takes the parts of one file, numbered from 0."""

    def __init__(self, hash_algorithm: HashAlgorithm, release: Callable[[memoryview], None]) -> None:
        """``release`` gets the bytes of each part that is done with."""
        self._hasher = new_hasher(hash_algorithm)
        self._release = release
        self._early: Dict[int, Part] = {}
        self._next = 0
        self._lock = threading.Lock()

    def add(self, number: int, part: Part) -> None:
        """Hash a part when its turn has come."""
        with self._lock:
            self._early[number] = part
            while self._next in self._early:
                ready = self._early.pop(self._next)
                if isinstance(ready, memoryview):
                    self._hasher.update(ready)
                    self._release(ready)
                else:
                    self._hasher.update(ready())
                self._next += 1

    def hexdigest(self) -> str:
        """The hash of the parts so far."""
        with self._lock:
            digest: str = self._hasher.hexdigest()
            return digest

    def held(self) -> List[memoryview]:
        """Give up: the bytes of the parts whose turn did not come."""
        with self._lock:
            held = [part for part in self._early.values() if isinstance(part, memoryview)]
            self._early.clear()
            return held
