"""Groups whose commands are imported when they are used, and commands that other distributions bring along.

``deadline --help`` lists every command with its summary and imports none. A distribution adds a command by an entry
point of the group ``deadline.cli.commands``, whose name is the command's words (``config gui``) and whose object is a
click command. It may add to our groups, or bring groups of its own; it cannot take the place of a command of ours. The
commands in :data:`DISTRIBUTED` are listed also where their distribution is missing, and say then how to install it.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Mapping, Optional, Tuple

import click
from click.shell_completion import CompletionItem

ENTRY_POINTS = "deadline.cli.commands"

DISTRIBUTED: Mapping[str, Tuple[str, str]] = {
    "bundle gui-submit": ("deadline[gui]", "Submit a job bundle from a window."),
    "config gui": ("deadline[gui]", "Show and change the settings in a window."),
    "mcp-server": ("deadline[mcp]", "Serve AI assistants over the Model Context Protocol."),
}
"""Commands of our own other distributions: what to install, and their summary."""


class LazyGroup(click.Group):
    """A group that imports a command only to run it or to show its own help."""

    def __init__(
        self, *args: Any, commands_by_name: Optional[Mapping[str, Tuple[str, str]]] = None, **kwargs: Any
    ) -> None:
        """``commands_by_name``: ``module:attribute`` below this package, and the summary, by name."""
        super().__init__(*args, **kwargs)
        self._lazy = dict(commands_by_name or {})

    def list_commands(self, ctx: click.Context) -> List[str]:
        return sorted({*super().list_commands(ctx), *self._lazy, *self._distributed(ctx), *self._plugins(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        if cmd_name in self._lazy:
            return _load(f"{__package__}.{self._lazy[cmd_name][0]}")
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        plugins = self._plugins(ctx)
        if cmd_name in plugins:
            return _load_entry_point(plugins[cmd_name])
        if cmd_name in self._distributed(ctx):
            return _missing(cmd_name, *self._distributed(ctx)[cmd_name])
        return None

    def parse_args(self, ctx: click.Context, args: List[str]) -> List[str]:
        if not args and not ctx.resilient_parsing:
            # Releases of click differ in where they print it, and in the exit code.
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: List[str]
    ) -> Tuple[Optional[str], Optional[click.Command], List[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            # An option in the place of a command is another mistake, and newer releases of click suggest by themselves.
            if not close or args[0].startswith("-"):
                raise
            message = f"No such command {args[0]!r}. Did you mean {close[0]!r}?"
            raise click.UsageError(message, ctx=error.ctx) from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> List[CompletionItem]:
        """Offer commands without importing them, and the options of the group."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self._known_summary(ctx, name) or None) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self._summary(ctx, name, formatter.width - 20)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def _summary(self, ctx: click.Context, name: str, width: int) -> str:
        known = self._known_summary(ctx, name)
        if known:
            return known
        try:
            command = self.get_command(ctx, name)
        except click.ClickException:
            # What one distribution does wrong must not hide the commands of the others.
            return "(cannot be loaded; run it to see why)"
        return command.get_short_help_str(width) if command is not None else ""

    def _known_summary(self, ctx: click.Context, name: str) -> str:
        """The summary of a command, or nothing where it would have to be loaded."""
        if name in self._lazy:
            return self._lazy[name][1]
        if name in self.commands:
            return self.commands[name].get_short_help_str(limit=1000)
        if name in self._distributed(ctx):
            requirement, summary = self._distributed(ctx)[name]
            return summary if name in self._plugins(ctx) else f'{summary} (needs: pip install "{requirement}")'
        return ""

    def _distributed(self, ctx: click.Context) -> Dict[str, Tuple[str, str]]:
        return {name: entry for words, entry in DISTRIBUTED.items() for name in [self._own(ctx, words)] if name}

    def _plugins(self, ctx: click.Context) -> Dict[str, Any]:
        if ENTRY_POINTS not in ctx.meta:
            ctx.meta[ENTRY_POINTS] = _entry_points()
        found = {}
        for entry_point in ctx.meta[ENTRY_POINTS]:
            name = self._own(ctx, entry_point.name)
            if name:
                found[name] = entry_point
        return found

    @staticmethod
    def _own(ctx: click.Context, words: str) -> Optional[str]:
        """The last of ``words`` when those before it are the way to this group."""
        *way, name = words.split(" ")
        return name if ctx.command_path.split(" ")[1:] == way else None


def _entry_points() -> List[Any]:
    from importlib import metadata

    try:
        return list(metadata.entry_points(group=ENTRY_POINTS))
    except TypeError:  # before Python 3.10 it takes no arguments
        found: Any = metadata.entry_points()
        return list(found.get(ENTRY_POINTS, []))


def _load(where: str) -> click.Command:
    module, _, attribute = where.partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command


def _load_entry_point(entry_point: Any) -> click.Command:
    try:
        command = entry_point.load()
    except Exception as error:  # code of others, in which anything can go wrong
        raise click.ClickException(
            f"The command {entry_point.name!r} cannot be loaded from {entry_point.value}: {type(error).__name__}: {error}\n"
            f"It belongs to {_owner(entry_point)}: install that again, or remove it."
        ) from error
    if not isinstance(command, click.Command):
        raise click.ClickException(
            f"The command {entry_point.name!r} cannot be used: {entry_point.value} is no click command. It belongs to "
            f"{_owner(entry_point)}."
        )
    return command


def _owner(entry_point: Any) -> str:
    distribution = getattr(entry_point, "dist", None)  # since Python 3.10
    return f"the distribution {distribution.name}" if distribution is not None else "another distribution"


def _missing(name: str, requirement: str, summary: str) -> click.Command:
    @click.command(name, short_help=summary, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def missing(arguments: Tuple[str, ...]) -> None:
        raise click.ClickException(_what_is_missing(requirement))

    missing.help = f'{summary}\n\nThis command comes with another package: pip install "{requirement}"'
    return missing


def _what_is_missing(requirement: str) -> str:
    """Why a command of ours is not there: its distribution is not, or is too old or too new to bring it."""
    from importlib import metadata

    distribution = requirement.replace("[", "-").rstrip("]")
    try:
        version = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return f'This command comes with another package. Install it with: pip install "{requirement}"'
    return (
        f"This command belongs to {distribution}, but version {version}, which is installed, does not bring it.\n"
        "Update it where there is a newer version."
    )
