"""Memory for the parts of large files, used again and again: fresh memory has to be zeroed and mapped page by page, which
for parts of 8 MiB costs about as much as hashing them."""

from __future__ import annotations

import threading
from typing import List

KEPT = 8


class Buffers:
    """Lends memory of any size, and keeps that of one size for the next who asks for it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: List[bytearray] = []
        self._lock = threading.Lock()

    def lend(self, size: int) -> bytearray:
        """Memory of ``size`` bytes, with anything in it."""
        if size == self._size:
            with self._lock:
                if self._free:
                    return self._free.pop()
        return bytearray(size)

    def give_back(self, buffer: bytearray) -> None:
        """Take memory back; nobody may use it any more."""
        if len(buffer) == self._size:
            with self._lock:
                if len(self._free) < KEPT:
                    self._free.append(buffer)
