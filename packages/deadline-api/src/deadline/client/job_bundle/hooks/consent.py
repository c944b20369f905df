"""What users are shown before hooks run: every program with its arguments, where it comes from, and what it is given.

The text of a hooks file may come from a stranger. What could move the cursor, hide or reorder other text is shown by its
code instead.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Iterable, List, Optional, Sequence

from deadline.client.exceptions import DeadlineOperationError

from .commands import resolve_command
from .hook_file import DEFAULT_TIMEOUT_SECONDS, Hook, HookPhase, Hooks
from .sources import HookSource

_HEADINGS = {
    HookPhase.PRE_GUI: "Before the window opens:",
    HookPhase.PRE_SUBMISSION: "Before the job is created:",
    HookPhase.POST_SUBMISSION: "After the job is created:",
}


def confirmation_message(sources: Iterable[HookSource], phases: Sequence[HookPhase]) -> str:
    """What would run, of all sources."""
    parts = [describe_hooks(source.hooks, source.script_folder, source.label, phases) for source in sources]
    return "\n\n".join(["This submission runs programs on this computer, with your rights:", *parts])


def describe_hooks(
    hooks: Hooks, folder: Optional[str], label: str, phases: Sequence[HookPhase] = tuple(HookPhase)
) -> str:
    """What would run, of one hooks file.

    Args:
        hooks: The hooks.
        folder: Where their scripts are.
        label: How to call where they come from.
        phases: The phases that count.
    """
    lines = [f"Hooks of the {_visible(label)}", f"  Location: {_visible(folder or '(unknown)')}"]
    for phase in phases:
        if hooks.of(phase):
            lines.append(f"  {_HEADINGS[phase]}")
            for number, hook in enumerate(hooks.of(phase), start=1):
                lines += _hook_lines(number, hook, folder)
    return "\n".join(lines)


def _hook_lines(number: int, hook: Hook, folder: Optional[str]) -> List[str]:
    text = _command_line([hook.command, *hook.args])
    if folder:
        try:
            command = resolve_command(hook, folder)
            text = _command_line([command.program, *command.arguments])
        except DeadlineOperationError:
            text += "   (there is no such program)"
    lines = [f"    {number}. {text}"]
    if hook.env:
        lines.append(f"       Sets the variables: {', '.join(map(_visible, hook.env))}")
    if hook.timeout != DEFAULT_TIMEOUT_SECONDS:
        lines.append(f"       May take {hook.timeout} seconds")
    return lines


def _command_line(words: Sequence[str]) -> str:
    """The words as somebody would type them."""
    if sys.platform == "win32":
        return _visible(subprocess.list2cmdline(words))
    return _visible(" ".join(map(shlex.quote, words)))


def _visible(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
