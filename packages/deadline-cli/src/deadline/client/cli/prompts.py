"""Questions to the person at the terminal; where there is none, the error names the option that answers."""

from __future__ import annotations

import sys
from typing import Optional, Sequence

import click

from .output import is_terminal


def can_ask() -> bool:
    """Whether somebody is there who sees a question and can answer it."""
    return is_terminal(sys.stdin) and (is_terminal(sys.stdout) or is_terminal(sys.stderr))


def confirm(message: str, *, default: Optional[bool], option: str) -> bool:
    """Ask a question that is answered by yes or no; ``option`` answers it on the command line."""
    _require_terminal(message, option)
    return click.confirm(message, default=default, err=_on_stderr())


def choose(message: str, choices: Sequence[str], *, default: str, option: str) -> str:
    """Ask for one of several answers, in any case."""
    _require_terminal(message, option)
    answer: str = click.prompt(
        message, type=click.Choice(choices, case_sensitive=False), default=default, err=_on_stderr()
    )
    return answer.lower()


def ask(message: str, *, default: str, option: str) -> str:
    """Ask for a text."""
    _require_terminal(message, option)
    answer: str = click.prompt(message, default=default, err=_on_stderr())
    return answer


def _on_stderr() -> bool:
    """Whether the question would not be seen on stdout: ``deadline ... > file``."""
    return not is_terminal(sys.stdout)


def _require_terminal(message: str, option: str) -> None:
    if not can_ask():
        raise click.UsageError(f"There is no terminal on which to ask:\n{message}\nAnswer with {option}.")
