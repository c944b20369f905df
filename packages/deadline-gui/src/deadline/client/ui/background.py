"""Calls that take their time, in threads, with their results on the thread of the window.

>>> background = Background(window)  # doctest: +SKIP
>>> background.run("farms", list_farms, on_result=show, on_error=complain)  # doctest: +SKIP

A call with the same key as an earlier one takes its place: the earlier one's result is dropped when it comes. So is
that of every call after :meth:`Background.cancel_all`, which a window calls when it closes.

No thread touches a Qt object. A thread leaves its outcome in a queue, and a timer of the window's thread looks there
while a call is under way, so that a window may go away at any moment. Bounds: a thread that waits for an answer of AWS
cannot be interrupted; it ends when the answer comes or its time is up, and it does not keep the process alive.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple

from qtpy.QtCore import QObject, QTimer

from .signals import Signal

THREAD_NAME = "deadline-ui-background"
_LOOK_EVERY_MILLISECONDS = 25


@dataclass(frozen=True)
class _Call:
    number: int
    on_result: Callable[[Any], None]
    on_error: Callable[[Exception], None]


class Background(QObject):
    """Runs calls for a window, one at a time for each key."""

    busy_changed = Signal(str, bool)
    """The key of a call, and whether it is under way now."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._calls: Dict[str, _Call] = {}
        self._outcomes: queue.SimpleQueue[Tuple[str, int, Any, Optional[Exception]]] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self._deliver)

    def run(
        self,
        key: str,
        function: Callable[[], Any],
        *,
        on_result: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Call ``function`` in a thread; give what it returns, or raises, to one of the other two on this thread."""
        self._number += 1
        number, outcomes = self._number, self._outcomes

        def call() -> None:
            try:
                result = function()
            except Exception as error:
                outcomes.put((key, number, None, error))
            else:
                outcomes.put((key, number, result, None))

        self._calls[key] = _Call(number, on_result, on_error)
        threading.Thread(target=call, name=f"{THREAD_NAME}-{key}", daemon=True).start()
        self._timer.start()
        self.busy_changed.emit(key, True)

    def is_running(self, key: str) -> bool:
        """Whether a call with the key is under way."""
        return key in self._calls

    def cancel(self, key: str) -> None:
        """Drop the result of the call with the key, if there is one."""
        if self._calls.pop(key, None) is not None:
            self.busy_changed.emit(key, False)
        if not self._calls:
            self._timer.stop()

    def cancel_all(self) -> None:
        """Drop the results of all calls."""
        for key in list(self._calls):
            self.cancel(key)

    def _deliver(self) -> None:
        while True:
            try:
                key, number, result, error = self._outcomes.get_nowait()
            except queue.Empty:
                return
            call = self._calls.get(key)
            if call is None or call.number != number:
                continue
            self.cancel(key)
            if error is None:
                call.on_result(result)
            else:
                call.on_error(error)
