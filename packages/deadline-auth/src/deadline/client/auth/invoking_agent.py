"""Which AI agent runs this program, if one does: a word for the user agent, found in environment variables alone.

Some of the markers are set for people too who work in the terminal of such a tool; the word is a hint, not a proof.
"""

from __future__ import annotations

import os
import re

MAXIMUM_LENGTH = 64

_MARKERS = (
    ("CLAUDECODE", "claude-code"),
    ("CLAUDE_CODE", "claude-code"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("CURSOR_AGENT", "cursor"),
    ("REPL_ID", "replit"),
    ("GEMINI_CLI", "gemini"),
    ("OPENCODE", "opencode"),
    ("AUGMENT_AGENT", "auggie"),
    ("GOOSE_PROVIDER", "goose"),
)
"""A variable that one tool alone sets, and the tool."""

_CONTENTS = (("EDITOR", "devin"), ("TERM_PROGRAM", "kiro"))
"""A variable whose value names the tool."""

_YES = ("1", "true")


def detect_invoking_agent() -> str | None:
    """The name of the agent in lower case, ``unknown`` where it says only that it is one, or ``None``."""
    for variable in ("AI_AGENT", "AGENT"):
        value = os.environ.get(variable, "")
        name = "" if value in _YES else _name_in(value)
        if name:
            return name
    for variable, name in _MARKERS:
        if os.environ.get(variable):
            return name
    for variable, name in _CONTENTS:
        if name in os.environ.get(variable, "").lower():
            return name
    return "unknown" if os.environ.get("AGENT") in _YES else None


def _name_in(value: str) -> str:
    """The name in a value such as ``tool_1.2``."""
    return re.sub(r"[^A-Za-z0-9._-]", "", value.split("_", 1)[0].strip())[:MAXIMUM_LENGTH].lower()
