"""Running checks side by side, each with a time limit, those first on whose outcome others depend."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence, Tuple

from .explaining import explain
from .findings import CheckResult, CheckState, Finding, NothingToCheck
from .subject import Subject

_PAUSE = 0.1
"""Seconds after which a caller's wish to stop is noticed at the latest."""


@dataclass(frozen=True)
class Check:
    """Something to look at.

    Args:
        name: As which it stands in the results.
        run: Looks at it. What it raises is taken for an error that is explained.
        needs: Checks without whose success this one makes no sense; a warning is a success.
        after: Checks that have to come to an end first, whatever it is.
    """

    name: str
    run: Callable[[Subject], Finding]
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


def run_checks(
    checks: Sequence[Check],
    subject: Subject,
    *,
    timeout: float,
    go_on: Callable[[], bool],
    on_result: Callable[[CheckResult], None],
) -> List[CheckResult]:
    """Run the checks in threads, and return their results in the order of the checks.

    A check that does not end within its time is left behind; its thread does not hold up the end of the program.

    Args:
        checks: The checks, those that others need first.
        subject: What they look at.
        timeout: The seconds that each may take.
        go_on: Asked again and again; where it says no, checks that have not ended are skipped.
        on_result: Takes each result in the order of the checks, as soon as all before it are known too.
    """
    run = _Run(checks, subject, timeout)
    shown = 0
    while shown < len(checks):
        if go_on():
            run.start_what_is_ready()
            run.wait()
        else:
            run.stop()
        while shown < len(checks) and checks[shown].name in run.results:
            on_result(run.results[checks[shown].name])
            shown += 1
    return [run.results[check.name] for check in checks]


class _Run:
    def __init__(self, checks: Sequence[Check], subject: Subject, timeout: float) -> None:
        self.results: Dict[str, CheckResult] = {}
        self._waiting = list(checks)
        self._subject, self._timeout = subject, timeout
        self._ends: Dict[str, float] = {}
        self._findings: queue.SimpleQueue[Tuple[str, Finding]] = queue.SimpleQueue()

    def start_what_is_ready(self) -> None:
        """Start checks that wait for no other any more; skip those that make no sense now."""
        for check in list(self._waiting):
            if not all(name in self.results for name in (*check.needs, *check.after)):
                continue
            self._waiting.remove(check)
            missing = [name for name in check.needs if not _succeeded(self.results[name])]
            if missing:
                why = f"This needs {' and '.join(missing)}, which did not succeed."
                self._record(check.name, Finding(CheckState.SKIPPED, why=why))
                continue
            self._ends[check.name] = time.monotonic() + self._timeout
            threading.Thread(target=self._look, args=[check], name=f"check-{check.name}", daemon=True).start()

    def wait(self) -> None:
        """Wait for a while, or until a check ends; give those up whose time is over."""
        if not self._ends:
            return
        try:
            pause = max(0.0, min(_PAUSE, min(self._ends.values()) - time.monotonic()))
            name, finding = self._findings.get(timeout=pause)
            while True:
                if name in self._ends:  # it has not been given up
                    self._record(name, finding)
                name, finding = self._findings.get_nowait()
        except queue.Empty:
            pass
        now = time.monotonic()
        for name in [name for name, end in self._ends.items() if end <= now]:
            self._record(name, _late(self._timeout))

    def stop(self) -> None:
        """Skip what has not ended."""
        for name in [*self._ends, *(check.name for check in self._waiting)]:
            self._record(name, Finding(CheckState.SKIPPED, why="It was stopped before it ended."))
        self._waiting = []

    def _record(self, name: str, finding: Finding) -> None:
        self.results[name] = CheckResult(name, *finding)
        self._ends.pop(name, None)

    def _look(self, check: Check) -> None:
        try:
            finding = check.run(self._subject)
        except NothingToCheck as nothing:
            finding = Finding(CheckState.SKIPPED, why=str(nothing))
        except Exception as failure:
            why, next_step = explain(failure)
            finding = Finding(CheckState.ERROR, why=why, next_step=next_step)
        self._findings.put((check.name, finding))


def _succeeded(result: CheckResult) -> bool:
    return result.state in (CheckState.OK, CheckState.WARNING)


def _late(timeout: float) -> Finding:
    return Finding(
        CheckState.ERROR,
        why=f"It did not end within {timeout:g} seconds.",
        next_step="Try again with more time. A firewall that drops what it does not let pass looks like this too.",
    )
