"""Sending events from a short queue in a daemon thread, one attempt each.

What does not get through is dropped, and the thread waits before it tries the next: up to ten seconds, the longer the
more attempts in a row have failed. At the end of the program all senders together have half a second for what is in
their queues; one that fails, or waits after a failure, ends at once.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import random
import threading
import time
import weakref
from typing import Any, Callable, List, Optional

logger = logging.getLogger(__name__)

MAX_QUEUE_SIZE = 25
BASE_TIME = 0.5
MAX_BACKOFF_SECONDS = 10
MAX_RETRY_ATTEMPTS = 1
SECONDS_AT_EXIT = 0.5
THREAD_NAME = "deadline-telemetry"


class Sender:
    """Calls ``send`` with each event of a queue, in a thread of its own that no program waits for.

    Args:
        send: Sends one event; any exception means that it did not get through.
        may_send: Asked before each event; where it says no the event is dropped.
    """

    def __init__(self, send: Callable[[Any], None], may_send: Callable[[], bool]) -> None:
        self._send = send
        self._may_send = may_send
        self._start()

    def put(self, event: Any) -> None:
        """Queue an event; where the queue is full it is dropped."""
        if self._process != os.getpid():
            # A fork has copied the queue, perhaps locked, but not the thread.
            self._start()
        with contextlib.suppress(queue.Full):
            self._events.put_nowait(event)

    def stop(self) -> None:
        """Let the thread end when the queue is empty, or sooner where sending fails."""
        self._stopping.set()
        with contextlib.suppress(queue.Full):
            self._events.put_nowait(None)

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end, after :meth:`stop`, and return whether it has come."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _start(self) -> None:
        self._process = os.getpid()
        self._events: queue.Queue[Any] = queue.Queue(MAX_QUEUE_SIZE)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        _remember(self)
        self._thread.start()

    def _run(self) -> None:
        failures = 0
        while True:
            event = self._next()
            if event is None:
                return
            try:
                if self._may_send():
                    self._send(event)
                    failures = 0
            except Exception as error:
                # The type alone: messages of errors can hold the URL of a proxy with its password.
                logger.debug("A telemetry event was not sent: %s", type(error).__name__)
                failures += 1
                # Waiting ends with the program, and so does the thread.
                if self._stopping.wait(random.uniform(0, min(MAX_BACKOFF_SECONDS, BASE_TIME * 2**failures))):
                    return

    def _next(self) -> Any:
        """The next event, or ``None`` for the end."""
        if self._stopping.is_set():
            with contextlib.suppress(queue.Empty):
                return self._events.get_nowait()
            return None
        return self._events.get()


_senders: Optional[weakref.WeakSet[Sender]] = None


def _remember(sender: Sender) -> None:
    global _senders
    if _senders is None:
        _senders = weakref.WeakSet()
        atexit.register(_finish)
    _senders.add(sender)


def _finish() -> None:
    """Give all senders together their time at the end of the program."""
    senders: List[Sender] = list(_senders or ())
    end = time.monotonic() + SECONDS_AT_EXIT
    for sender in senders:
        sender.stop()
    for sender in senders:
        sender.join(end - time.monotonic())
