"""What shells run: a script that is read once, and after each press of Tab this program, which answers with lines.

Both are click's way: a variable in the environment says that the program is to complete, and for which shell.
https://click.palletsprojects.com/en/stable/shell-completion/
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys

import click
from click.shell_completion import get_completion_class, shell_complete

from . import PROGRAM, VARIABLE

SHELLS = ("bash", "zsh", "fish")


def script_for(shell: str, cli: click.Command) -> str:
    """The script by which a shell, one of :data:`SHELLS`, learns to complete the program."""
    class_ = get_completion_class(shell)
    if class_ is None:
        raise click.UsageError(f"Completion is not known for {shell}.")
    completion = class_(cli, {}, PROGRAM, VARIABLE)
    # Not `source()`, which runs the shell to learn its version.
    script: str = completion.source_template % completion.source_vars()
    return script.strip()


def answer(cli: click.Command, asked: str) -> None:
    """Print what a shell asks for, and end the process; no message gets in between, nor telemetry out."""
    code = 1
    os.environ["DEADLINE_CLOUD_TELEMETRY_OPT_OUT"] = "true"
    logging.disable()
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere), contextlib.suppress(
        Exception
    ):
        code = shell_complete(cli, {}, PROGRAM, VARIABLE, asked)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    # Requests that take too long must not keep the user's shell waiting, and nothing else is left to be done.
    os._exit(code)
