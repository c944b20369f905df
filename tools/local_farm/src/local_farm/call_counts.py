"""How often each operation was called: what a benchmark or a test of a client asks for."""

from __future__ import annotations

import threading
from collections import Counter


class CallCounts:
    """Counts calls by their names: operations such as ``GetJob``, and requests to the neighbours such as ``s3:PUT``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, name: str) -> None:
        """One more call."""
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        """The calls since the start or the last :meth:`reset`, by name."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def reset(self) -> dict[str, int]:
        """Begin anew, and give the counts up to now."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return dict(sorted(counts.items()))
