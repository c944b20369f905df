"""Times of log lines: as people write them, and as they are shown."""

from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Dict, Optional

import click

from deadline.client.exceptions import DeadlineOperationError

from ...options import Choice

Clock = Callable[[datetime.datetime], str]

timestamp_format_option = click.option(
    "--timestamp-format",
    type=Choice(["utc", "local", "relative"]),
    help="How to show times; relative ones count from the beginning of the session or its action. Default: utc.",
)
timezone_option = click.option(
    "--timezone",
    type=Choice(["utc", "local"]),
    help="Deprecated: use --timestamp-format.",
)


def moment(context: click.Context, option: click.Parameter, text: Optional[str]) -> Optional[datetime.datetime]:
    """The moment that an option gives in ISO 8601, such as ``2025-07-03T10:49:33Z``."""
    if text is None:
        return None
    try:
        # Python before 3.11 does not know the Z.
        return datetime.datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text.strip()))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time in ISO 8601, such as 2025-07-03T10:49:33Z.", ctx=context, param=option
        ) from None


def chosen_format(timestamp_format: Optional[str], timezone: Optional[str], *, quiet: bool) -> str:
    """``utc``, ``local`` or ``relative``, as the two options say; a notice tells of the old one, unless ``quiet``."""
    if timezone is None:
        return (timestamp_format or "utc").lower()
    if timestamp_format is not None:
        raise DeadlineOperationError("Give either --timestamp-format or --timezone, its old name, not both.")
    if not quiet:
        click.echo("--timezone is deprecated; use --timestamp-format.", err=True)
    return timezone.lower()


def clock(form: str, began: Optional[datetime.datetime]) -> Clock:
    """How moments are written; relative ones count from ``began``, where it is known."""
    if form == "relative" and began is not None:
        return lambda moment: duration(moment - began)
    zone = None if form == "local" else datetime.timezone.utc
    return lambda moment: moment.astimezone(zone).isoformat(timespec="microseconds")


def duration(delta: datetime.timedelta) -> str:
    """A duration such as ``0:01:02.500000``."""
    return f"-{-delta}" if delta < datetime.timedelta() else str(delta)


def event_as_json(event: Any, clock: Clock) -> Dict[str, Any]:
    """A line of a log (``LogEvent``) for programs."""
    return {
        "timestamp": clock(event.timestamp),
        "message": event.message,
        "ingestionTime": clock(event.ingestion_time) if event.ingestion_time else None,
        "eventId": event.event_id,
    }
