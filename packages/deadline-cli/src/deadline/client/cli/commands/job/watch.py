"""``deadline job watch``."""

from __future__ import annotations

from typing import Any

import click

from ...options import Choice, WholeNumber, configuration, job_options, required_job
from ...output import wants_json
from .watching import JsonLinesTeller, teller_for_people, watch_job


@click.command()
@job_options
@click.option(
    "--max-poll-interval",
    type=WholeNumber(min=0),
    metavar="SECONDS",
    default=5,
    show_default=True,
    help="The longest pause between two looks at the job. They begin at half a second and double.",
)
@click.option(
    "--timeout",
    type=WholeNumber(min=0),
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="How long to watch at most; 0 watches for ever.",
)
@click.option(
    "--output",
    type=Choice(["verbose", "json"]),
    default="verbose",
    show_default=True,
    help="The form of the output: lines for people, or a JSON object on a line for each change.",
)
def watch(max_poll_interval: int, timeout: int, output: str, **options: Any) -> None:
    """Watch a job and its steps until it has ended.

    On a terminal the display changes in place; in a pipe there is a line for each change. As JSON each line has a
    messageType: progress, then result or error.

    Exit codes are those of `deadline job wait`. Ctrl-C ends the watching, with 130; the job goes on.

    \b
    Examples:
      deadline job watch
      deadline job watch --job-id job-0123456789abcdef0123456789abcdef
      deadline job watch --output json | jq -r .percent
    """
    config = configuration(**options)
    ids, job_id = required_job(config)
    teller = JsonLinesTeller(job_id) if wants_json(output) else teller_for_people(job_id, "", steps=True)
    raise watch_job(ids, teller, max_poll_interval=max_poll_interval, timeout=timeout, config=config)
