"""What goes wrong on purpose, so that a client can be seen to bear it.

>>> farm.faults.throttle("GetJob", times=2, retry_after=1)  # doctest: +SKIP
>>> farm.faults.fail("CreateJob", nth=3)  # doctest: +SKIP
>>> farm.faults.delay("SearchJobs", seconds=0.5)  # doctest: +SKIP
>>> farm.faults.clear()  # doctest: +SKIP

A fault strikes the calls of one operation, or of each, after it has let a number of them through. Errors have the service's own
shapes. Several faults may wait for the same call: each counts for itself, and the first error is the one that is answered.
The items of a batch are calls too: a fault of ``GetStep`` strikes those of ``BatchGetStep``, one after the other.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Mapping

from local_farm.protocol.error_shapes import error_codes, new_error
from local_farm.protocol.model import members_of, service_model
from local_farm.state.ids import CALLER

EVERY = "*"
"""Stands for every operation."""


class FaultError(ValueError):
    """A fault that makes no sense, for the reason that the message gives."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Raises :class:`FaultError` for an operation, an error or a member that the service does not have.
    """

    operation: str
    """Its name, e.g. ``GetJob``, or ``*``."""
    error: str | None = None
    """The service's name of the error that is answered; without one the call is just delayed."""
    delay_seconds: float = 0.0
    """How long the call waits before it goes on, or fails."""
    after: int = 0
    """How many calls are let through first."""
    times: int | None = None
    """How many calls are struck after these; ``None``: all of them."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Members of the error, e.g. ``{"retryAfterSeconds": 1}``; what it requires beside them is made up."""

    def __post_init__(self) -> None:
        model = service_model()
        if self.operation != EVERY and self.operation not in model.operation_names:
            raise FaultError(f"The service has no operation {self.operation!r}; give a name such as GetJob, or *.")
        if self.error is not None and self.error not in error_codes():
            raise FaultError(f"The service has no error {self.error!r}, but {', '.join(sorted(error_codes()))}.")
        if not self.members.keys() <= (members_of(model.shape_for(self.error)).keys() if self.error else set()):
            raise FaultError(f"{self.error or 'A delay'} does not have all of the members {', '.join(self.members)}.")
        if self.error is None and not self.delay_seconds:
            raise FaultError("A fault needs an error or a delay.")
        if self.delay_seconds < 0 or self.after < 0 or (self.times is not None and self.times < 1):
            raise FaultError("delay_seconds and after cannot be negative, and times is at least 1.")


class Faults:
    """The faults that a farm has; each method may be called from any thread, also while requests are answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, list[int]]] = []
        self._cleared = threading.Event()

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls."""
        with self._lock:
            self._faults.append((fault, [0]))

    def throttle(self, operation: str = EVERY, *, times: int | None = 1, retry_after: int | None = None) -> None:
        """Answer ThrottlingException; ``retry_after`` is in seconds."""
        members = {} if retry_after is None else {"retryAfterSeconds": retry_after}
        self.add(Fault(operation, "ThrottlingException", times=times, members=members))

    def deny(self, operation: str = EVERY, *, times: int | None = None, message: str | None = None) -> None:
        """Answer AccessDeniedException."""
        self.add(
            Fault(operation, "AccessDeniedException", times=times, members={"message": message} if message else {})
        )

    def delay(self, operation: str = EVERY, *, seconds: float, times: int | None = None) -> None:
        """Let calls wait before they are answered."""
        self.add(Fault(operation, delay_seconds=seconds, times=times))

    def fail(
        self,
        operation: str = EVERY,
        *,
        error: str = "InternalServerErrorException",
        nth: int = 1,
        times: int | None = 1,
        **members: Any,
    ) -> None:
        """Let the ``nth`` call fail, counted from now, and those after it up to ``times``."""
        self.add(Fault(operation, error, after=nth - 1, times=times, members=members))

    def clear(self) -> None:
        """Nothing goes wrong any more; calls that are being delayed go on."""
        with self._lock:
            self._faults = []
            self._cleared.set()
            self._cleared = threading.Event()

    def describe(self) -> list[dict[str, Any]]:
        """The faults that may still strike, each with the number of its calls up to now as ``seen``."""
        with self._lock:
            return [{**asdict(fault), "seen": seen} for fault, (seen,) in self._faults if not _is_over(fault, seen)]

    def strike(self, operation: str) -> None:
        """Delay a call or raise the :class:`ServiceError` that it meets; most calls meet nothing."""
        met, cleared = self._met(operation)
        seconds = sum(fault.delay_seconds for fault in met)
        if seconds:
            cleared.wait(seconds)
        for fault in met:
            if fault.error is not None:
                raise new_error(fault.error, operation, CALLER, fault.members)

    def _met(self, operation: str) -> tuple[list[Fault], threading.Event]:
        met = []
        with self._lock:
            for fault, seen in self._faults:
                if fault.operation not in (EVERY, operation):
                    continue
                if seen[0] >= fault.after and not _is_over(fault, seen[0]):
                    met.append(fault)
                seen[0] += 1
            return met, self._cleared


def _is_over(fault: Fault, seen: int) -> bool:
    return fault.times is not None and seen >= fault.after + fault.times
