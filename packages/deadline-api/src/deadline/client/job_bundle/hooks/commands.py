"""Which program a hook's command is, and with which arguments it runs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..paths import is_path_contained
from .hook_file import Hook


@dataclass(frozen=True)
class HookCommand:
    """A program by its absolute path, and its arguments."""

    program: str
    arguments: Tuple[str, ...]


def resolve_command(hook: Hook, script_folder: str) -> HookCommand:
    """Find a hook's program: by its absolute path, else below the folder of its scripts, else in ``PATH``.

    Arguments that are relative paths of something below that folder become absolute.

    Raises:
        DeadlineOperationError: There is no such program.
    """
    return HookCommand(
        _program(hook.command, script_folder),
        tuple(_argument(argument, script_folder) for argument in hook.args),
    )


def _program(command: str, script_folder: str) -> str:
    if os.path.isabs(command):
        if os.path.isfile(command):
            return os.path.normpath(command)
        raise DeadlineOperationError(f"There is no program {command} for the hook: it is not a file.")
    beside = os.path.join(os.path.abspath(script_folder), command)
    if os.path.isfile(beside):
        return os.path.normpath(beside)
    # A command with a folder in it would be looked for in the working directory, which has nothing to do with hooks.
    found = None if os.path.dirname(command) else shutil.which(command)
    if found is None:
        raise DeadlineOperationError(
            f"There is no program {command!r} for the hook: it is neither in {script_folder} nor in PATH. Correct the "
            "command in the hooks file, or install the program."
        )
    return os.path.abspath(found)


def _argument(argument: str, script_folder: str) -> str:
    if not argument or os.path.isabs(argument):
        return argument
    path = os.path.normpath(os.path.join(os.path.abspath(script_folder), argument))
    is_below = is_path_contained(path, os.path.abspath(script_folder))
    try:
        return path if is_below and os.path.exists(path) else argument
    except ValueError:  # text that can be no path
        return argument
