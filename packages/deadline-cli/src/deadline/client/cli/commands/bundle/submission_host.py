"""Who is told and asked by a submission from the command line."""

from __future__ import annotations

from typing import Any, Optional

import click

from ... import prompts
from ...errors import Interrupted
from ...interrupts import Interrupt
from ...progress import TransferBar


class CommandLineHost:
    """Shows what a submission does, asks at the terminal, and stops it on Ctrl-C."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._may_be_created = False
        self._hashing = TransferBar("Hashing Attachments", interrupt)
        self._uploading = TransferBar("Uploading Attachments", interrupt)

    @property
    def cancelled(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return not self._interrupt.go_on()

    def show(self, message: str) -> None:
        """Print the message, or stop where Ctrl-C was pressed and there is no job yet."""
        self.check()
        click.echo(message)

    def check(self) -> None:
        """Stop where Ctrl-C was pressed and there is no job yet."""
        if not self._may_be_created and not self._interrupt.go_on():
            raise Interrupted("The job was not submitted.")

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Ask at the terminal, where there is one."""
        if not prompts.can_ask():
            return None
        with self._interrupt.at_once():
            return prompts.confirm(message, default=default, option="--yes")

    def hashing(self, report: Any) -> bool:
        """Move the first bar."""
        return self._hashing(report)

    def uploading(self, report: Any) -> bool:
        """Move the second bar."""
        return self._uploading(report)

    def ready_to_create(self) -> bool:
        """Unless Ctrl-C was pressed."""
        self._may_be_created = self._interrupt.go_on()
        return self._may_be_created

    def keep_waiting(self) -> bool:
        """Unless Ctrl-C was pressed."""
        return self._interrupt.go_on()

    def end_bars(self) -> None:
        """Leave bars that did not come to their end, so that messages begin on a line of their own."""
        self._hashing.end()
        self._uploading.end()


class JsonHost(CommandLineHost):
    """Tells everything on stderr, and asks nothing: stdout is for the result, which a program reads."""

    def show(self, message: str) -> None:
        """Print the message on stderr, or stop as the other host does."""
        self.check()
        click.echo(message, err=True)

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Nobody is asked."""
        return None

    def hashing(self, report: Any) -> bool:
        """Say whether to go on."""
        return not self.cancelled

    def uploading(self, report: Any) -> bool:
        """Say whether to go on."""
        return not self.cancelled
