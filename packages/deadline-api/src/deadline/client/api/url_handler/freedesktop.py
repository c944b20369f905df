"""Addresses on desktops of Linux and BSD: a desktop entry that opens them, and a note that it is the default.

https://specifications.freedesktop.org/desktop-entry-spec/
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence

from deadline.client.exceptions import DeadlineOperationError

from . import ARGUMENT, PROMPT, SCHEME
from .mime_apps import with_default, without

ENTRY = "deadline.desktop"
MIME_TYPE = f"x-scheme-handler/{SCHEME}"
UPDATE_TOOL = "update-desktop-database"
SYSTEM_FOLDER = Path("/usr/share/applications")

_READABLE_BY_ALL = 0o644


class FreedesktopHandler:
    """Writes the desktop entry.

    Args:
        applications: The folder for desktop entries, instead of the user's or the system's.
        mime_apps: The file with the defaults, instead of the user's or the system's.
    """

    def __init__(self, applications: Optional[Path] = None, mime_apps: Optional[Path] = None) -> None:
        self._applications = applications
        self._mime_apps = mime_apps

    def install(self, program: Sequence[str], *, all_users: bool) -> str:
        tool = shutil.which(UPDATE_TOOL)
        if tool is None:
            raise DeadlineOperationError(
                f"The program {UPDATE_TOOL} was not found, by which desktops learn of new applications. Install it, for "
                "instance with the package desktop-file-utils of your system, then try again."
            )
        entry = self._folder(all_users) / ENTRY
        text = _desktop_entry(program)
        with _changing(entry, all_users):
            entry.parent.mkdir(parents=True, exist_ok=True)
            _replace(entry, text)
        self._change_defaults(all_users, lambda content: with_default(content, MIME_TYPE, ENTRY))
        _update(tool, entry.parent)
        return str(entry)

    def uninstall(self, *, all_users: bool) -> Optional[str]:
        entry = self._folder(all_users) / ENTRY
        self._change_defaults(all_users, lambda content: without(content, MIME_TYPE, ENTRY))
        with _changing(entry, all_users):
            try:
                entry.unlink()
            except FileNotFoundError:
                return None
        tool = shutil.which(UPDATE_TOOL)
        if tool is not None:
            _update(tool, entry.parent)
        return str(entry)

    def _folder(self, all_users: bool) -> Path:
        if self._applications is not None:
            return self._applications
        return SYSTEM_FOLDER if all_users else _user_folder("XDG_DATA_HOME", "~/.local/share") / "applications"

    def _change_defaults(self, all_users: bool, change: Callable[[str], str]) -> None:
        path = self._mime_apps
        if path is None:
            path = (SYSTEM_FOLDER if all_users else _user_folder("XDG_CONFIG_HOME", "~/.config")) / "mimeapps.list"
        # Who keeps the file elsewhere and has a link in its place wants to keep that.
        path = Path(os.path.realpath(path))
        with _changing(path, all_users):
            try:
                before = path.read_bytes().decode("utf-8", "surrogateescape")
            except FileNotFoundError:
                before = ""
            after = change(before)
            if after != before:
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, after)


def _user_folder(variable: str, default: str) -> Path:
    # As the base directory specification has it, relative paths count as none.
    given = os.environ.get(variable, "")
    return Path(given if os.path.isabs(given) else os.path.expanduser(default))


def _desktop_entry(program: Sequence[str]) -> str:
    command = " ".join([*map(_quoted, [*program, ARGUMENT]), "%u", PROMPT])
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=deadline",
        "Comment=Download the outputs of jobs of AWS Deadline Cloud",
        f"Exec={command}",
        "Terminal=true",
        "NoDisplay=true",
        f"MimeType={MIME_TYPE};",
    )
    return "".join(f"{line}\n" for line in lines)


def _quoted(word: str) -> str:
    """A word of the key ``Exec``."""
    if re.search(r"[\x00-\x1f\x7f]", word):
        raise DeadlineOperationError(f"{word!r} has control characters in it, and cannot be run by a desktop.")
    if not re.fullmatch(r"[\w@+,./:-]+", word):
        word = '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'
    # Every value's backslashes are read once more, before the quotes are; a percent sign would be a field.
    return word.replace("\\", "\\\\").replace("%", "%%")


def _replace(path: Path, text: str) -> None:
    """Write a file of which others see the old or the new content, and nothing in between."""
    mode = path.stat().st_mode & 0o777 if path.exists() else _READABLE_BY_ALL
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _update(tool: str, folder: Path) -> None:
    done = subprocess.run([tool, str(folder)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeadlineOperationError(f"{UPDATE_TOOL} {folder} failed: {done.stderr.strip() or done.returncode}.")


@contextlib.contextmanager
def _changing(path: Path, all_users: bool) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = " Run the command as root." if all_users and isinstance(error, PermissionError) else ""
        raise DeadlineOperationError(f"{path} could not be changed: {error.strerror or error}.{advice}") from error
