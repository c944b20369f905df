"""The commands that the command line has."""

from __future__ import annotations

from typing import Iterator

import click

from deadline.client.cli.app import cli

OWN = ("deadline.client.cli.app", "deadline.client.cli.commands.")


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of all commands that this distribution has itself."""
    if not (command.callback and command.callback.__module__.startswith(OWN)):
        return
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=" ".join(("deadline", *words)), **cli.context_settings)
        for name in command.list_commands(context):
            try:
                found = command.get_command(context, name)
            except click.ClickException:
                continue  # a command of a distribution that is not whole
            if found is not None:
                yield from commands(found, *words, name)


ALL_COMMANDS = list(commands(cli))
