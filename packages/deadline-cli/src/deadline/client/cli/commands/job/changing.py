"""What the commands have in common that change a job by one call: the plan is shown, asked about, and carried out."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

import click

from ... import prompts
from ...errors import FAILED
from ...options import report_output_option, where
from ...output import print_json, printable, wants_json

if TYPE_CHECKING:
    from deadline.client.api import JobChangePlan

dry_run_option = click.option("--dry-run", is_flag=True, help="Change nothing, but print what would be changed.")
unasked_option = click.option("--yes", is_flag=True, help="Do it unasked.")
change_options = where(dry_run_option, unasked_option, report_output_option)

DRY_RUN = "Nothing was changed: this is a dry run."


@dataclass(frozen=True)
class Wording:
    """What is said about a change."""

    question: str
    refused: str
    """When the question was answered by no."""
    beginning: str
    """When it was answered by yes."""
    done: str
    default: Optional[bool] = None
    """The answer that Enter gives."""


def run_change(
    plan: JobChangePlan,
    wording: Wording,
    *,
    dry_run: bool,
    output: str,
    config: ConfigParser,
    show: Optional[Callable[[], None]] = None,
) -> None:
    """Show a plan, ask, and carry it out.

    Args:
        plan: The plan.
        wording: What to say.
        dry_run: Whether to show the plan only.
        output: The form of the output. As JSON, that is one object: the plan, with ``dryRun`` and ``changed``.
        config: The configuration.
        show: Prints the plan for people, where its own description is not what they want to see.

    Raises:
        DeadlineOperationError: The service refused.
    """
    from deadline.client import api
    from deadline.client.exceptions import DeadlineOperationError

    as_json = wants_json(output)

    def finish(*, changed: bool, message: str) -> None:
        if as_json:
            print_json({**plan.to_dict(), "dryRun": dry_run, "changed": changed}, indent=2)
        elif message:
            click.echo(message)

    if not as_json:
        (show or (lambda: click.echo(shown(plan.describe()))))()
    if not plan.changes:
        finish(changed=False, message="")
        return
    if plan.obstacle and not dry_run:
        # Nobody is asked about what cannot be done.
        raise DeadlineOperationError(f"Job {plan.job_id} is as it was. {plan.obstacle}")
    if dry_run:
        finish(changed=False, message=DRY_RUN)
        return
    question = f"{shown(plan.describe())}\n{wording.question}" if as_json else wording.question
    if not accepted(question, wording.default, config):
        finish(changed=False, message=wording.refused)
        raise click.exceptions.Exit(FAILED)
    if not as_json:
        click.echo(wording.beginning)
    api.change_job(plan, config)
    finish(changed=True, message=wording.done)


def accepted(question: str, default: Optional[bool], config: ConfigParser) -> bool:
    """Whether a change is wanted: by ``--yes``, by the setting that stands for it, or by the answer to the question."""
    from deadline.client.config import get_setting, str2bool

    if str2bool(get_setting("settings.auto_accept", config)):
        return True
    return prompts.confirm(question, default=default, option="--yes")


def shown(text: str) -> str:
    """Lines that hold names as they may be printed: others have chosen those."""
    return "\n".join(printable(line) for line in text.split("\n"))
