"""Scripts of commands, for bash and for the command prompt of Windows, each quoted as its shell reads it.

Arguments may be any text without control characters. On Windows two readers have to be served: the command prompt,
which looks for its own characters, and the program, which splits the one line that it gets.
"""

from __future__ import annotations

import re
import shlex
from typing import Sequence

_BASH_HEAD = """\
#!/usr/bin/env bash
# Submits the job of this folder with the AWS CLI, version 2.
set -xeuo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
export AWS_CLI_FILE_ENCODING=UTF-8
"""

_BATCH_HEAD = """\
@rem Submits the job of this folder with the AWS CLI, version 2.
@setlocal DisableDelayedExpansion
@chcp 65001 >nul
@cd /d "%~dp0" || exit /b 1
@set AWS_CLI_FILE_ENCODING=UTF-8
"""

_BEFORE_A_QUOTE = re.compile(r'(\\*)(?="|$)')
_PROMPTS_OWN = re.compile(r'[\^"<>&|()]')


def bash_script(commands: Sequence[Sequence[str]]) -> str:
    """A script that runs commands in its own folder and ends at the first that fails."""
    return _BASH_HEAD + "".join(f"{' '.join(map(shlex.quote, command))}\n" for command in commands)


def batch_script(commands: Sequence[Sequence[str]]) -> str:
    """The same for the command prompt of Windows, with its ends of lines."""
    lines = "".join(f"{' '.join(map(quoted_for_command_prompt, command))} || exit /b 1\n" for command in commands)
    return (_BATCH_HEAD + lines).replace("\n", "\r\n")


def quoted_for_command_prompt(argument: str) -> str:
    """An argument as it stands in a batch file.

    The program's quotes are escaped for the prompt with carets like all characters of its own: within quotes that it
    knows of, it could not be told that one of them belongs to the text.
    """
    if not argument or re.search(r"[^A-Za-z0-9_./:=\\-]", argument):
        doubled = _BEFORE_A_QUOTE.sub(r"\1\1", argument)
        argument = '"' + doubled.replace('"', '\\"') + '"'
    return _PROMPTS_OWN.sub(r"^\g<0>", argument).replace("%", "%%")
