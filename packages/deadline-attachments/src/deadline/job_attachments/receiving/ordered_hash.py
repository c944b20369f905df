"""The hash of a file whose parts come in any order.

Whoever receives the part whose turn it is hashes its bytes as they come. Other parts wait in the file, and are read back
when those before them have been hashed; they are still in the system's memory then. So no part is held in ours.
"""

from __future__ import annotations

import threading
from typing import Callable, Iterable, Set

from ..asset_manifests.hash_algorithms import HashAlgorithm, new_hasher


class OrderedHash:
    """Takes the parts of one file, numbered from 0; each is ended once."""

    def __init__(self, hash_algorithm: HashAlgorithm, parts: int, read: Callable[[int], Iterable[bytes]]) -> None:
        """``parts`` is how many there are; ``read`` gives the bytes of one that is in the file."""
        self._hasher = new_hasher(hash_algorithm)
        self._parts = parts
        self._read = read
        self._waiting: Set[int] = set()
        self._next = 0
        self._taken = False
        """Whether a thread is hashing; that one alone moves ``_next``."""
        self._lock = threading.Lock()

    def begin(self, number: int) -> bool:
        """Whether it is this part's turn: whoever receives it is to hash it by :meth:`update`."""
        with self._lock:
            if self._taken or number != self._next:
                return False
            self._taken = True
            return True

    def update(self, piece: memoryview) -> None:
        """Hash the next bytes of the part whose turn it is."""
        self._hasher.update(piece)

    def end(self, number: int, *, hashed: bool) -> bool:
        """A part is in the file, ``hashed`` as :meth:`begin` told; whether all parts are there and hashed.

        Hashes the parts that waited for this one.
        """
        with self._lock:
            if hashed:
                self._next += 1
            else:
                self._waiting.add(number)
                if self._taken:
                    return False
                self._taken = True
        while True:
            with self._lock:
                if self._next not in self._waiting:
                    self._taken = False
                    return self._next == self._parts
                self._waiting.remove(self._next)
            for piece in self._read(self._next):
                self._hasher.update(piece)
            self._next += 1

    def hexdigest(self) -> str:
        """The hash of the whole, after :meth:`end` said that it is there."""
        digest: str = self._hasher.hexdigest()
        return digest
