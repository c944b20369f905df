"""What a check finds, and the results of all checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Dict, List, NamedTuple


class CheckState(Enum):
    """What came of a check. The values are part of the programming interface."""

    OK = "ok"
    WARNING = "warning"
    """Something works otherwise than it may be meant to."""
    ERROR = "error"
    """Something does not work."""
    SKIPPED = "skipped"
    """It could not be looked at, or there is nothing to look at."""


class Finding(NamedTuple):
    """What a check has found; texts for people, without secrets.

    Args:
        state: What came of it.
        found: What there is, in a line.
        why: The reason of a state that is not ``OK``, in a line.
        next_step: What to do next; may have several lines.
    """

    state: CheckState
    found: str = ""
    why: str = ""
    next_step: str = ""


class NothingToCheck(Exception):
    """Raised by a check that has nothing to look at; the message says why."""


@dataclass(frozen=True)
class CheckResult:
    """The finding of the check ``name``; members as of :class:`Finding`."""

    name: str
    state: CheckState
    found: str = ""
    why: str = ""
    next_step: str = ""

    def to_dict(self) -> Dict[str, Any]:
        """As JSON has it."""
        return {
            "name": self.name,
            "state": self.state.value,
            "found": self.found,
            "why": self.why,
            "nextStep": self.next_step,
        }


@dataclass(frozen=True)
class Diagnosis:
    """The results of all checks, in the order of the checks."""

    checks: List[CheckResult]

    @property
    def state(self) -> CheckState:
        """The worst state of all; checks that were skipped do not count."""
        states = {check.state for check in self.checks}
        return next((state for state in (CheckState.ERROR, CheckState.WARNING) if state in states), CheckState.OK)

    def to_dict(self) -> Dict[str, Any]:
        """As JSON has it."""
        return {"state": self.state.value, "checks": [check.to_dict() for check in self.checks]}


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(CheckState.OK, found)


def warning(found: str, why: str, next_step: str) -> Finding:
    """It works, but maybe not as it is meant to."""
    return Finding(CheckState.WARNING, found, why, next_step)


def error(found: str, why: str, next_step: str) -> Finding:
    """It does not work."""
    return Finding(CheckState.ERROR, found, why, next_step)
