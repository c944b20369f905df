"""``deadline job wait``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ...options import WholeNumber, configuration, job_options, output_option, required_job
from ...output import wants_json
from .watching import JsonTeller, teller_for_people, watch_job


@click.command()
@job_options
@click.option(
    "--max-poll-interval",
    type=WholeNumber(min=0),
    metavar="SECONDS",
    default=120,
    show_default=True,
    help="The longest pause between two looks at the job. They begin at half a second and double.",
)
@click.option(
    "--timeout",
    type=WholeNumber(min=0),
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="How long to wait at most; 0 waits for ever.",
)
@output_option
def wait(max_poll_interval: int, timeout: int, output: Optional[str], **options: Any) -> None:
    """Wait until a job has ended, and say how.

    The exit code is 0 when the job succeeded, 1 when it had not ended in time, 2 when it or one of its tasks failed or it
    could not be looked at, 3 when it was canceled, 4 when it was suspended or archived, 5 when no fleet can run it. Ctrl-C
    ends the waiting, with 130; the job goes on.

    Meant for scripts; to look on, `deadline job watch` asks more often.

    \b
    Examples:
      deadline job wait
      deadline job wait --timeout 3600 && deadline job download-output
      deadline job wait --job-id job-0123456789abcdef0123456789abcdef --output json
    """
    config = configuration(**options)
    ids, job_id = required_job(config)
    teller = (
        JsonTeller(job_id)
        if wants_json(output)
        else teller_for_people(job_id, "Waiting for the job to end: ", steps=False)
    )
    raise watch_job(ids, teller, max_poll_interval=max_poll_interval, timeout=timeout, config=config)
