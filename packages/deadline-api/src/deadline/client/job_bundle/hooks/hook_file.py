"""The ``hooks.yaml`` or ``hooks.json`` of a folder: which programs run in which phase.

    version: "1.0"
    preSubmission:
    - command: check.py
      args: ["--strict"]
      timeout: 30
      env: {STUDIO: north}

Every error names the file, the list, the index and the field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, Mapping, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..loader import path_of, read_yaml_or_json_object

FILE_NAME = "hooks"
VERSION = "1.0"
DEFAULT_TIMEOUT_SECONDS = 60


class HookPhase(Enum):
    """When hooks run: the name of their list in the file, and how messages call them."""

    PRE_GUI = ("preGUI", "pre-GUI")
    PRE_SUBMISSION = ("preSubmission", "pre-submission")
    POST_SUBMISSION = ("postSubmission", "post-submission")

    def __init__(self, list_name: str, label: str) -> None:
        self.list_name = list_name
        self.label = label


SUBMISSION_PHASES = (HookPhase.PRE_SUBMISSION, HookPhase.POST_SUBMISSION)


@dataclass(frozen=True)
class Hook:
    """A program to run; ``timeout`` in seconds, ``env`` are variables in addition to those of this process."""

    command: str
    args: Tuple[str, ...] = ()
    timeout: int = DEFAULT_TIMEOUT_SECONDS
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hooks:
    """The hooks in a file; false where there are none."""

    pre_gui: Tuple[Hook, ...] = ()
    pre_submission: Tuple[Hook, ...] = ()
    post_submission: Tuple[Hook, ...] = ()

    def of(self, phase: HookPhase) -> Tuple[Hook, ...]:
        """The hooks of a phase, in the order in which they run."""
        return {
            HookPhase.PRE_GUI: self.pre_gui,
            HookPhase.PRE_SUBMISSION: self.pre_submission,
            HookPhase.POST_SUBMISSION: self.post_submission,
        }[phase]

    def __bool__(self) -> bool:
        return any(self.of(phase) for phase in HookPhase)


def read_hooks(folder: str) -> Hooks:
    """The hooks in the file of a folder; none where it has no such file, or an empty one.

    Raises:
        DeadlineOperationError: There are two files, or the file is not well formed.
    """
    content = read_yaml_or_json_object(folder, FILE_NAME, required=False)
    if content is None:
        return Hooks()
    where = path_of(folder, FILE_NAME)
    if not isinstance(content, dict):
        raise DeadlineOperationError(f"{where} is not a mapping with lists of hooks.")
    _check_version(content.get("version", VERSION), where)
    pre_gui, pre_submission, post_submission = (_hooks(content, phase.list_name, where) for phase in HookPhase)
    return Hooks(pre_gui, pre_submission, post_submission)


def _check_version(version: Any, where: str) -> None:
    # Without quotes YAML takes it for a number.
    is_number = isinstance(version, (int, float)) and not isinstance(version, bool)
    if version != VERSION and not (is_number and version == float(VERSION)):
        raise DeadlineOperationError(
            f"{where} has the version {version!r}; this client knows hooks files of version {VERSION!r} only."
        )


def _hooks(content: Mapping[str, Any], list_name: str, where: str) -> Tuple[Hook, ...]:
    entries = content.get(list_name)
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise DeadlineOperationError(f"{where}: {list_name} is not a list of hooks.")
    return tuple(_hook(entry, f"{where}: {list_name}[{index}]") for index, entry in enumerate(entries))


def _hook(entry: Any, where: str) -> Hook:
    if not isinstance(entry, dict):
        raise DeadlineOperationError(f"{where} is not a hook: it has to be a mapping with a command.")
    command = entry.get("command")
    if not isinstance(command, str) or not command.strip() or "\0" in command:
        raise DeadlineOperationError(f"{where}.command is {command!r}, but has to name a program.")
    return Hook(
        command, _arguments(entry.get("args"), where), _timeout(entry.get("timeout"), where), _env(entry, where)
    )


def _arguments(args: Any, where: str) -> Tuple[str, ...]:
    if args is None:
        return ()
    if not isinstance(args, list):
        raise DeadlineOperationError(f"{where}.args is not a list of texts.")
    for index, argument in enumerate(args):
        # A number would not arrive as it is written: YAML reads 0755 as 493, and 1.10 as 1.1.
        if not isinstance(argument, str) or "\0" in argument:
            raise DeadlineOperationError(
                f"{where}.args[{index}] is {argument!r}, but has to be text. Put it in quotes."
            )
    return tuple(args)


def _timeout(timeout: Any, where: str) -> int:
    if timeout is None:
        return DEFAULT_TIMEOUT_SECONDS
    if not isinstance(timeout, int) or isinstance(timeout, bool) or timeout <= 0:
        raise DeadlineOperationError(
            f"{where}.timeout is {timeout!r}, but has to be a whole number of seconds above 0."
        )
    return timeout


def _env(entry: Mapping[str, Any], where: str) -> Dict[str, str]:
    env = entry.get("env")
    if env is None:
        return {}
    if not isinstance(env, dict):
        raise DeadlineOperationError(f"{where}.env is not a mapping from names of variables to their values.")
    for name, value in env.items():
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            raise DeadlineOperationError(f"{where}.env has {name!r}, which cannot be the name of a variable.")
        if not isinstance(value, (str, int, float)) or "\0" in str(value):
            raise DeadlineOperationError(f"{where}.env.{name} has a value that is no text. Put it in quotes.")
    return {name: str(value) for name, value in env.items()}
