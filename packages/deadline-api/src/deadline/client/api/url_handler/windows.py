"""Addresses on Windows: keys of the registry.

https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/platform-apis/aa767914(v=vs.85)
"""

from __future__ import annotations

import importlib
import subprocess
from typing import Any, Optional, Protocol, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationError

from . import ARGUMENT, PROMPT, SCHEME

USER = ("HKEY_CURRENT_USER", rf"Software\Classes\{SCHEME}")
ALL_USERS = ("HKEY_CLASSES_ROOT", SCHEME)
_COMMAND = r"shell\open\command"


class Registry(Protocol):
    """The registry, as far as it is needed."""

    def set_value(self, root: str, key: str, name: str, value: str) -> None:
        """Set a text of a key, which is made; the name of its default value is empty."""

    def delete_key(self, root: str, key: str) -> bool:
        """Delete a key without subkeys; whether there was one."""


class WindowsHandler:
    """Notes the program in the registry; ``registry`` is that of the system where left out."""

    def __init__(self, registry: Optional[Registry] = None) -> None:
        self._registry = registry or SystemRegistry()

    def install(self, program: Sequence[str], *, all_users: bool) -> str:
        root, key = _place(all_users)
        try:
            for name, value in (("", "URL:AWS Deadline Cloud"), ("URL Protocol", "")):
                self._registry.set_value(root, key, name, value)
            self._registry.set_value(root, rf"{key}\{_COMMAND}", "", _command(program))
        except OSError as error:
            raise _refused(root, key, error, all_users) from error
        return rf"{root}\{key}"

    def uninstall(self, *, all_users: bool) -> Optional[str]:
        root, key = _place(all_users)
        words = _COMMAND.split("\\")
        inner = ["\\".join([key, *words[:count]]) for count in range(len(words), -1, -1)]
        try:
            found = [self._registry.delete_key(root, one) for one in inner]
        except OSError as error:
            raise _refused(root, key, error, all_users) from error
        return rf"{root}\{key}" if any(found) else None


class SystemRegistry:
    """The registry of this machine."""

    def __init__(self) -> None:
        self._winreg: Any = importlib.import_module("winreg")

    def set_value(self, root: str, key: str, name: str, value: str) -> None:
        with self._winreg.CreateKeyEx(getattr(self._winreg, root), key, 0, self._winreg.KEY_WRITE) as opened:
            self._winreg.SetValueEx(opened, name, 0, self._winreg.REG_SZ, value)

    def delete_key(self, root: str, key: str) -> bool:
        try:
            self._winreg.DeleteKey(getattr(self._winreg, root), key)
        except FileNotFoundError:
            return False
        return True


def _place(all_users: bool) -> Tuple[str, str]:
    return ALL_USERS if all_users else USER


def _command(program: Sequence[str]) -> str:
    path, *arguments = program
    # The path in quotes, whether it has blanks or not: what Windows makes of others depends on what files there are.
    words = [f'"{path}"', *([subprocess.list2cmdline(arguments)] if arguments else []), ARGUMENT, '"%1"', PROMPT]
    return " ".join(words)


def _refused(root: str, key: str, error: OSError, all_users: bool) -> DeadlineOperationError:
    reason = error.strerror or str(error)
    if isinstance(error, PermissionError) and all_users:
        reason = "it takes the rights of an administrator. Run the command in a terminal of an administrator"
    return DeadlineOperationError(rf"The registry key {root}\{key} could not be changed: {reason}.")
