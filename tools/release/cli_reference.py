"""Writes docs/reference: a page for each group of commands, from the commands themselves.

``python tools/release/cli_reference.py`` writes the pages, and the list of commands in ``index.md``, whose other parts are
written by hand. ``--check`` writes nothing and fails where a page is not what would be written.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path
from typing import Iterator

import click

from deadline.client.cli.app import cli

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
INDEX = FOLDER / "index.md"
LIST = re.compile(r"(<!-- commands -->\n).*?(<!-- end -->)", re.DOTALL)
WIDTH = 120
HEAD = "<!-- Written by tools/release/cli_reference.py from the commands; change those. -->\n"
FOOT = """
---

Exit codes: 0 done, 1 failed, 2 cannot be meant so, 130 after Ctrl-C; [more](index.md#exit-codes).
[Environment variables](index.md#environment-variables) and
[options before the command](index.md#options-before-the-command) are those of all commands.
"""

_CODE = re.compile(
    r"(`[^`]*`)"  # is code already
    r"|((?<![\w-])--[a-z][a-z0-9-]*|~/\.deadline[\w/]*|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b"
    r"|\b(?:defaults|settings|telemetry)\.[a-z0-9_]+)"
)
_EXAMPLES = re.compile(r"\AExamples?:\n")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="fail where a page is not as it should be")
    check = arguments.parse_args().check
    wanted = dict(pages())
    stale = [path for path in FOLDER.glob("*.md") if path not in wanted and path.read_text("utf-8").startswith(HEAD)]
    wrong = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if check:
        for path in (*wrong, *stale):
            print(f"{path.relative_to(FOLDER.parents[1])} is not as the commands are.", file=sys.stderr)
        if wrong or stale:
            print("Write it anew with: uv run python tools/release/cli_reference.py", file=sys.stderr)
        return 1 if wrong or stale else 0
    for path in stale:
        path.unlink()
    for path in wrong:
        path.write_text(wanted[path], encoding="utf-8")
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Each page and its text."""
    root = click.Context(cli, info_name="deadline", **cli.context_settings)
    rows = []
    for name, command in subcommands(root):
        rows.append(f"| [`deadline {name}`]({name}.md) | {command.get_short_help_str(200)} |")
        yield (
            FOLDER / f"{name}.md",
            HEAD + "".join(sections(child(root, name, command), level=1)).rstrip() + "\n" + FOOT,
        )
    options = "".join(f"{line}\n" for line in option_lines(root))
    table = "\n".join(["| command | |", "|---|---|", *rows])
    index = INDEX.read_text(encoding="utf-8")
    yield (
        INDEX,
        LIST.sub(lambda match: f"{match[1]}\n{table}\n\n## Options before the command\n\n{options}\n{match[2]}", index),
    )


def sections(context: click.Context, level: int) -> Iterator[str]:
    """The sections about a command and those below it."""
    command = context.command
    yield f"{'#' * level} {context.command_path}\n\n"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"```\n{usage}\n```\n\n"
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    examples = [text for text in paragraphs if _EXAMPLES.match(text.replace("\b\n", ""))]
    yield "".join(f"{paragraph(text)}\n\n" for text in paragraphs if text not in examples)
    children = list(subcommands(context))
    if children:
        yield "| command | |\n|---|---|\n"
        for name, found in children:
            path = f"{context.command_path} {name}"
            yield f"| [`{path}`](#{path.replace(' ', '-')}) | {found.get_short_help_str(200)} |\n"
        yield "\n"
    else:
        yield f"{'#' * (level + 1)} Options\n\n" + "".join(f"{line}\n" for line in option_lines(context)) + "\n"
    for text in examples:
        lines = inspect.cleandoc(_EXAMPLES.sub("", text.replace("\b\n", "")))
        yield f"{'#' * (level + 1)} Examples\n\n```console\n{lines}\n```\n\n"
    yield epilog(context)
    for name, found in children:
        yield from sections(child(context, name, found), level + 1)


def subcommands(context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group, by name."""
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            found = context.command.get_command(context, name)
            if found is not None and not found.hidden:
                yield name, found


def child(context: click.Context, name: str, command: click.Command) -> click.Context:
    return click.Context(command, info_name=name, parent=context)


def option_lines(context: click.Context) -> Iterator[str]:
    """A line for each option, as help shows it."""
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            names, text = record
            yield f"* `{names}`: {marked(text.replace('  [', ' ['))}"


def paragraph(text: str) -> str:
    """A paragraph of help as Markdown; a preformatted one as it is."""
    if text.startswith("\b\n"):
        return f"```\n{inspect.cleandoc(text[2:])}\n```"
    return marked(text)


def marked(text: str) -> str:
    """Text with options and paths as code, and nothing that Markdown would take for its own."""
    pieces = []
    for number, piece in enumerate(_CODE.split(text)):
        kind = number % 3
        if piece:
            pieces.append(f"`{piece}`" if kind == 2 else piece if kind == 1 else re.sub(r"([<*])", r"\\\1", piece))
    return "".join(pieces)


def epilog(context: click.Context) -> str:
    """What help shows at its end, such as the settings below ``deadline config``."""
    formatter = click.HelpFormatter(width=WIDTH)
    context.command.format_epilog(context, formatter)
    text = formatter.getvalue().strip("\n")
    return f"```\n{text}\n```\n\n" if text else ""


if __name__ == "__main__":
    raise SystemExit(main())
