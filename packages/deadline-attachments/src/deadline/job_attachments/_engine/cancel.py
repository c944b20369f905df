"""One token by which a whole operation is stopped."""

from __future__ import annotations

import contextlib
import threading
from typing import Callable, Iterator

from ..exceptions import AssetSyncCancelledError


class CancelToken:
    """Tells every part of an operation to stop; safe to use from any thread.

    >>> token = CancelToken()
    >>> token.cancel()
    >>> token.cancelled
    True
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether the operation is to stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the operation to stop; asking again changes nothing."""
        self._event.set()
        with self._lock:
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def raise_if_cancelled(self) -> None:
        """Raise :class:`AssetSyncCancelledError` when the operation is to stop."""
        if self.cancelled:
            raise AssetSyncCancelledError("The operation was canceled.")

    def wait(self, timeout: float) -> bool:
        """Pause for ``timeout`` seconds, or until the operation is to stop; whether it is."""
        return self._event.wait(timeout)

    @contextlib.contextmanager
    def calling(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call ``listener`` once when the token is cancelled within the block, or at once when it is already."""
        with self._lock:
            cancelled = self.cancelled
            if not cancelled:
                self._listeners.append(listener)
        if cancelled:
            listener()
        try:
            yield
        finally:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)
