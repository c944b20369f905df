"""What sessions print, sent to CloudWatch Logs.

The runtime of Open Job Description logs every line of a session's processes with the attribute ``session_id``.
:class:`SessionLogs` is a handler of that logger: it keeps the lines of each open session and sends them in batches, every
:data:`INTERVAL` seconds and whenever :meth:`SessionLogs.flush` is called, which a session does before it reports an
action's end: who sees a task succeed finds its lines.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
from typing import Any, Callable, Iterator

from openjd.sessions import LOG as RUNTIME_LOG

INTERVAL = 0.5
"""Seconds between two batches of a stream."""

MAX_BATCH_EVENTS = 10_000
MAX_BATCH_BYTES = 1_048_576
EVENT_OVERHEAD = 26
MAX_EVENT_BYTES = 262_144 - EVENT_OVERHEAD
"""Bounds of PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""

Event = dict[str, Any]

SESSION_LOG = logging.getLogger("local_farm.session")
"""What the farm itself says in a session's log; records carry ``session_id`` too."""

_log = logging.getLogger(__name__)


class _Stream:
    def __init__(self, group: str, name: str) -> None:
        self.group = group
        self.name = name
        self.events: list[Event] = []
        self.sending = threading.Lock()


class SessionLogs(logging.Handler):
    """Collects the lines of sessions and sends them to CloudWatch Logs.

    Arguments:
        make_client: Gives boto3's client, when the first stream is opened.
    """

    def __init__(self, make_client: Callable[[], Any]) -> None:
        super().__init__(logging.INFO)
        self._make_client = make_client
        self._streams: dict[str, _Stream] = {}
        self._opening = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send_regularly, name="session logs")

    @functools.cached_property
    def _client(self) -> Any:
        return self._make_client()

    def start(self) -> None:
        """Listen, and send from a thread."""
        SESSION_LOG.setLevel(logging.INFO)
        for logger in (RUNTIME_LOG, SESSION_LOG):
            logger.addHandler(self)
            # What sessions print belongs to them; the log of the program that has a farm in it is another one.
            logger.propagate = False
        self._thread.start()

    def close(self) -> None:
        """Stop to listen and end the thread; sessions have flushed their streams before."""
        for logger in (RUNTIME_LOG, SESSION_LOG):
            logger.removeHandler(self)
            logger.propagate = not any(isinstance(handler, SessionLogs) for handler in logger.handlers)
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        super().close()

    def open_stream(self, group: str, session_id: str) -> None:
        """Make the stream of a session and collect its lines from now on."""
        # One at a time: where CloudWatch Logs is moto, two sessions that make the same group at once lose one's streams.
        with self._opening:
            self._create(self._client.create_log_group, logGroupName=group)
            self._create(self._client.create_log_stream, logGroupName=group, logStreamName=session_id)
        with self._guard():
            self._streams[session_id] = _Stream(group, session_id)

    def close_stream(self, session_id: str) -> None:
        """Send what is left of a session's lines and forget it."""
        self.flush_session(session_id)
        with self._guard():
            self._streams.pop(session_id, None)

    def flush_session(self, session_id: str) -> None:
        """Send the lines that a session has printed up to now; return when they are there."""
        stream = self._streams.get(session_id)
        if stream is not None:
            self._send(stream)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line of a session that is open."""
        stream = self._streams.get(getattr(record, "session_id", ""))
        if stream is None:
            return
        try:
            # CloudWatch Logs takes no empty message.
            message = record.getMessage() or " "
        except Exception:
            self.handleError(record)
            return
        # The handler's lock is held: lines stay in the order of their times.
        stream.events.append({"timestamp": int(record.created * 1000), "message": message})

    def _create(self, create: Callable[..., Any], **names: str) -> None:
        try:
            create(**names)
        except self._client.exceptions.ResourceAlreadyExistsException:
            return
        except Exception as error:
            # Lines that nobody can read are no reason to lose the frames of a job.
            _log.warning("Could not prepare the log stream %s: %s", names, error)

    def _send_regularly(self) -> None:
        while not self._stopped.wait(INTERVAL):
            for stream in list(self._streams.values()):
                self._send(stream)

    def _send(self, stream: _Stream) -> None:
        with stream.sending:
            with self._guard():
                events, stream.events = stream.events, []
            events.sort(key=lambda event: int(event["timestamp"]))
            for batch in batches(events):
                try:
                    self._client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=batch)
                except Exception as error:
                    _log.warning("%d lines of %s could not be kept: %s", len(batch), stream.name, error)

    def _guard(self) -> threading.RLock:
        assert self.lock is not None
        return self.lock


def batches(events: list[Event]) -> Iterator[list[Event]]:
    """Cut ``events`` into what one call of PutLogEvents may carry; longer messages than it takes come in pieces."""
    batch: list[Event] = []
    size = 0
    for event in itertools.chain.from_iterable(map(_pieces, events)):
        length = len(event["message"].encode("utf-8")) + EVENT_OVERHEAD
        if batch and (len(batch) == MAX_BATCH_EVENTS or size + length > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def _pieces(event: Event) -> list[Event]:
    message = event["message"]
    # A character has at most four bytes.
    characters = len(message) if len(message.encode("utf-8")) <= MAX_EVENT_BYTES else MAX_EVENT_BYTES // 4
    return [{**event, "message": message[start : start + characters]} for start in range(0, len(message), characters)]
