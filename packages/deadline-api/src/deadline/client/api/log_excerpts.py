"""The part of a log that tells why something failed: its last lines, and those before that look like errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from .log_streams import LogEvent

_ERROR = re.compile(
    r"""
    \b(?:error|errors|exception|traceback|fatal|failed|failure|panic|abort(?:ed)?|assertion)\b
    | (?-i:\b[A-Z][A-Za-z]*(?:Error|Exception)\b)
    | \b(?:no\ such\ file|not\ found|permission\ denied|access\ denied|out\ of\ memory|no\ space\ left|timed\ out
        |segmentation\ fault|core\ dumped|killed|cannot|could\ not|unable\ to|command\ not\ found|license)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HARMLESS = re.compile(
    r"\b(?:0|no|without)\s+(?:errors?|failures?|exceptions?)\b|\berrors?\s*[:=]\s*0\b", re.IGNORECASE
)


@dataclass(frozen=True)
class LogExcerpt:
    """Lines of a log, the oldest first."""

    error_lines: Tuple[LogEvent, ...]
    """Lines before the last ones that look like errors."""
    last_lines: Tuple[LogEvent, ...]


NOTHING = LogExcerpt((), ())


def looks_like_error(message: str) -> bool:
    """Whether a line of a log speaks of something that went wrong."""
    return _ERROR.search(_HARMLESS.sub("", message)) is not None


def excerpt(events: Sequence[LogEvent], last: int, errors: int) -> LogExcerpt:
    """The lines of a log that say most.

    Args:
        events: The log, the oldest line first.
        last: How many of its last lines to keep.
        errors: How many of the lines before to keep that look like errors; the first ones, which others follow from.
    """
    split = max(len(events) - last, 0)
    before: List[LogEvent] = []
    seen = set()
    for event in events[:split]:
        if len(before) == errors:
            break
        if event.message not in seen and looks_like_error(event.message):
            seen.add(event.message)
            before.append(event)
    return LogExcerpt(tuple(before), tuple(events[split:]))
