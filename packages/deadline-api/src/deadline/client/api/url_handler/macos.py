"""Addresses on macOS: a small application that gets them from the system and passes them on in a terminal.

Only applications can open addresses there, and they get them as events instead of arguments. The application is a script of
AppleScript, which macOS compiles into one.

https://developer.apple.com/library/archive/documentation/LanguagesUtilities/Conceptual/MacAutomationScriptingGuide/HandleCustomURLs.html
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, Optional, Sequence

from deadline.client.exceptions import DeadlineOperationError

from . import ARGUMENT, PROMPT, SCHEME

APPLICATION = "Deadline Cloud Links.app"
IDENTIFIER = "aws.deadline.client.links"
_REGISTER = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"

Run = Callable[[Sequence[str]], None]


class MacHandler:
    """Makes the application.

    Args:
        applications: The folder of applications, instead of the user's or the system's.
        run: Runs a program of the system, and raises :class:`DeadlineOperationError` where that fails.
    """

    def __init__(self, applications: Optional[Path] = None, run: Optional[Run] = None) -> None:
        self._applications = applications
        self._run = run or _run

    def install(self, program: Sequence[str], *, all_users: bool) -> str:
        folder = self._folder(all_users)
        target = folder / APPLICATION
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
                made = Path(temporary, APPLICATION)
                self._make(made, program)
                shutil.rmtree(target, ignore_errors=True)
                os.replace(made, target)
        except OSError as error:
            raise _refused(target, error, all_users) from error
        self._run([_REGISTER, "-f", str(target)])
        return str(target)

    def uninstall(self, *, all_users: bool) -> Optional[str]:
        target = self._folder(all_users) / APPLICATION
        if not target.exists():
            return None
        self._run([_REGISTER, "-u", str(target)])
        try:
            shutil.rmtree(target)
        except OSError as error:
            raise _refused(target, error, all_users) from error
        return str(target)

    def _folder(self, all_users: bool) -> Path:
        if self._applications is not None:
            return self._applications
        return Path("/Applications" if all_users else os.path.expanduser("~/Applications"))

    def _make(self, application: Path, program: Sequence[str]) -> None:
        self._run(["/usr/bin/osacompile", "-o", str(application), "-e", _script(program)])
        path = application / "Contents" / "Info.plist"
        information = plistlib.loads(path.read_bytes())
        information["CFBundleIdentifier"] = IDENTIFIER
        information["CFBundleURLTypes"] = [{"CFBundleURLName": "AWS Deadline Cloud", "CFBundleURLSchemes": [SCHEME]}]
        information["LSUIElement"] = True  # no icon in the dock for the moment that it runs
        path.write_bytes(plistlib.dumps(information))
        # The signature of osacompile is for the content as it was before.
        self._run(["/usr/bin/codesign", "--force", "--sign", "-", str(application)])


def _script(program: Sequence[str]) -> str:
    """The script: AppleScript quotes the address, so that a shell takes it for one word whatever is in it."""
    before = _applescript_text(f"{' '.join(map(shlex.quote, [*program, ARGUMENT]))} ")
    after = _applescript_text(f" {PROMPT}; exit")
    return (
        "on open location address\n"
        '  tell application "Terminal"\n'
        "    activate\n"
        f"    do script {before} & quoted form of address & {after}\n"
        "  end tell\n"
        "end open location\n"
    )


def _applescript_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        raise DeadlineOperationError(f"{command[0]} could not be run: {error.strerror or error}.") from error
    if done.returncode:
        raise DeadlineOperationError(f"{command[0]} failed: {done.stderr.strip() or done.returncode}.")


def _refused(path: Path, error: OSError, all_users: bool) -> DeadlineOperationError:
    advice = " Run the command with sudo." if all_users and isinstance(error, PermissionError) else ""
    return DeadlineOperationError(f"{path} could not be changed: {error.strerror or error}.{advice}")
