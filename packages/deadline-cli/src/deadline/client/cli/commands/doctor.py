"""``deadline doctor``."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Optional

import click

from ..errors import FAILED, Interrupted
from ..interrupts import stopping_on_ctrl_c
from ..options import configuration, output_option, queue_options, storage_profile_option
from ..output import is_terminal, print_json, printable, styled, wants_json

if TYPE_CHECKING:
    from deadline.client.api.diagnosis import CheckResult, Diagnosis

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red", "skipped": "bright_black"}
_STATE_COLUMNS = 7
_NAME_COLUMNS = 18
_INDENT = " " * (_STATE_COLUMNS + 2)
_NARROWEST = 60


@click.command()
@queue_options
@storage_profile_option
@click.option("--check-updates", is_flag=True, help="Also ask the package index of pip for a newer release.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=10,
    show_default=True,
    help="How long each check may take.",
)
@output_option
def doctor(check_updates: bool, timeout: float, output: Optional[str], **options: Any) -> None:
    """Find out what keeps this machine from working with AWS Deadline Cloud, and what to do about it.

    Looks at the settings file, the AWS profile and its credentials; whether the services are reached, and if not, whether
    it is the name, the network, a proxy or a certificate; the clock; the default farm and queue; what the queue's role may
    do in the bucket and with the logs; the caches, the job history, and the versions. Nothing is changed, and no password
    or key is shown.

    The exit code is 0 when nothing is wrong, also with warnings, and 1 when there is an error.

    \b
    Examples:
      deadline doctor
      deadline doctor --profile studio --output json
      deadline doctor --check-updates
    """
    from deadline.client.api.diagnosis import CheckState, diagnose
    from deadline.client.exceptions import DeadlineOperationError

    try:
        config = configuration(**options)
    except DeadlineOperationError:
        config = None  # the settings file cannot be understood, which the first check says
    as_json = wants_json(output)
    with stopping_on_ctrl_c() as interrupt:
        diagnosis = diagnose(
            config,
            check_updates=check_updates,
            timeout=timeout,
            go_on=interrupt.go_on,
            on_result=_ignore if as_json else _show,
        )
    if as_json:
        print_json(diagnosis.to_dict(), indent=2)
    else:
        click.echo(f"\n{_summary(diagnosis)}")
    if not interrupt.go_on():
        raise Interrupted("Stopped before all checks had ended.")
    if diagnosis.state is CheckState.ERROR:
        raise click.exceptions.Exit(FAILED)


def _ignore(result: CheckResult) -> None:
    pass


def _show(result: CheckResult) -> None:
    """A line of what there is; where it is not well, others of why and what to do."""
    state = result.state.value
    is_fine = state in ("ok", "skipped")
    label = styled(f"{state:<{_STATE_COLUMNS}}", fg=_COLOURS[state], bold=True if state == "error" else None)
    begin = " " * (_STATE_COLUMNS + 2 + _NAME_COLUMNS + 1)
    found = _filled(result.found or result.why, begin, begin).lstrip()
    click.echo(f"{label}  {result.name:<{_NAME_COLUMNS}} {found}".rstrip())
    if is_fine:
        return
    if result.found and result.why:
        _paragraph(result.why)
    for line in result.next_step.splitlines():
        _paragraph(line, mark="-> " if not line.startswith(" ") else "")


def _paragraph(text: str, mark: str = "") -> None:
    """Lines below a check."""
    click.echo(_filled(f"{mark}{text}", _INDENT, _INDENT + " " * len(mark)))


def _filled(text: str, initial_indent: str, subsequent_indent: str) -> str:
    """The text in lines as wide as the terminal; in a pipe one line, however long."""
    columns = max(shutil.get_terminal_size().columns, _NARROWEST) if is_terminal(sys.stdout) else sys.maxsize
    return textwrap.fill(
        printable(text),
        columns - 1,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(diagnosis: Diagnosis) -> str:
    states = [check.state.value for check in diagnosis.checks]
    names = {"error": "errors", "warning": "warnings"}
    counts = ", ".join(
        styled(f"{number} {state if number == 1 else names.get(state, state)}", fg=_COLOURS[state])
        for state, number in ((state, states.count(state)) for state in ("error", "warning", "skipped", "ok"))
        if number
    )
    advice = " Begin with the first error: later ones may follow from it." if states.count("error") > 1 else ""
    return f"{counts}.{advice}"
