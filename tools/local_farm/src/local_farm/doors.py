"""The farm's own doors beside the services: who is there, what goes wrong on purpose, how often what was called.

===========  ===========================  ==========================================================
``GET``      ``/local-farm/health``       that this is a farm, and its process
``GET``      ``/local-farm/calls``        how often each operation was called
``DELETE``   ``/local-farm/calls``        the same, and count anew
``GET``      ``/local-farm/faults``       the faults that may still strike
``POST``     ``/local-farm/faults``       another one: ``{"operation": "GetJob", "error": "ThrottlingException",
                                          "times": 2, "after": 0, "delaySeconds": 0.5, "members": {...}}``
``DELETE``   ``/local-farm/faults``       none any more
===========  ===========================  ==========================================================
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable

from local_farm.call_counts import CallCounts
from local_farm.faults import Fault, FaultError, Faults
from local_farm.settings import CALLS, FAULTS, HEALTH

_MEMBERS: dict[str, tuple[str, Any]] = {
    "operation": ("operation", str),
    "error": ("error", str),
    "delaySeconds": ("delay_seconds", (int, float)),
    "after": ("after", int),
    "times": ("times", int),
    "members": ("members", dict),
}


class Doors:
    """Answers what is asked at the farm's own paths."""

    def __init__(self, faults: Faults, calls: CallCounts) -> None:
        self._faults = faults
        self._calls = calls
        self._doors: dict[tuple[str, str], Callable[[bytes], Any]] = {
            ("GET", HEALTH): lambda _: {"service": "local-farm", "pid": os.getpid()},
            ("GET", CALLS): lambda _: self._calls.counts(),
            ("DELETE", CALLS): lambda _: self._calls.reset(),
            ("GET", FAULTS): lambda _: self._described(),
            ("POST", FAULTS): self._add,
            ("DELETE", FAULTS): self._clear,
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        """Status and JSON for a request; ``None`` where no door has the path."""
        door = self._doors.get((method, path))
        if door is None:
            known = any(path == other for _, other in self._doors)
            return (405, _json({"message": f"{path} takes no {method}."})) if known else None
        try:
            return 200, _json(door(body))
        except FaultError as error:
            return 400, _json({"message": str(error)})

    def _described(self) -> list[dict[str, Any]]:
        names = {member: name for name, (member, _) in _MEMBERS.items()}
        return [
            {names.get(member, member): value for member, value in fault.items()} for fault in self._faults.describe()
        ]

    def _add(self, body: bytes) -> list[dict[str, Any]]:
        try:
            document = json.loads(body)
        except ValueError as error:
            raise FaultError(f"The body is no JSON: {error}.") from error
        if not isinstance(document, dict) or not document.keys() <= _MEMBERS.keys() or "operation" not in document:
            raise FaultError(f"A fault is an object with the member operation, and of {', '.join(_MEMBERS)} any other.")
        for name, value in document.items():
            if not isinstance(value, _MEMBERS[name][1]) or isinstance(value, bool):
                raise FaultError(f"{name} has the wrong type.")
        self._faults.add(Fault(**{_MEMBERS[name][0]: value for name, value in document.items()}))
        return self._described()

    def _clear(self, _body: bytes) -> list[dict[str, Any]]:
        self._faults.clear()
        return []


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()
