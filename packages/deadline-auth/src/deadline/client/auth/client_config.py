"""What every AWS client of this program has in common; above all its user agent, by which AWS support tells who called.

The user agent names this client, and where they are known the submitter, the command and the AI agent that called it.
A command line sets :data:`session_context` once. A library call made for a submitter uses :func:`calling_as`, which
holds for that call alone, whatever other threads do.
"""

from __future__ import annotations

import contextlib
import re
from contextvars import ContextVar
from typing import Any, Dict, Iterator, Optional

from botocore.config import Config

from deadline.client import version

from .invoking_agent import detect_invoking_agent

MAXIMUM_WORD_LENGTH = 64

session_context: Dict[str, Optional[str]] = {
    "submitter-name": None,
    "submitter-version": None,
    "cli-command-name": None,
}
"""Who calls in this process, unless :func:`calling_as` says otherwise. The command is a word such as
``deadline.bundle.submit``."""

_call_context: ContextVar[Dict[str, Optional[str]]] = ContextVar("_call_context")

ADAPTIVE_RETRIES_CLIENT_CONFIG = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
"""For bursts of calls, such as paging through a search."""


@contextlib.contextmanager
def calling_as(submitter_name: str, submitter_version: str | None = None) -> Iterator[None]:
    """Name the submitter in the user agent of the clients that are made in this block, by this thread."""
    token = _call_context.set({"submitter-name": submitter_name, "submitter-version": submitter_version})
    try:
        yield
    finally:
        _call_context.reset(token)


def get_default_client_config(**kwargs: Any) -> Config:
    """The configuration that every client gets; ``kwargs`` are further options of :class:`botocore.config.Config`."""
    return Config(**{"user_agent_extra": user_agent_extra(), **kwargs})


def user_agent_extra() -> str:
    """What this client adds to botocore's user agent."""
    context = {**session_context, **_call_context.get({})}
    words = [f"app/deadline-client#{version}"]
    name, submitter_version = _word(context["submitter-name"]), _word(context["submitter-version"])
    if name:
        words.append(f"submitter/{name}#{submitter_version}" if submitter_version else f"submitter/{name}")
    command = _word(context["cli-command-name"])
    if command:
        words.append(f"cli-command/{command}")
    agent = detect_invoking_agent()
    if agent:
        words.append(f"invoked-by/{agent}")
    return " ".join(words)


def _word(text: str | None) -> str:
    """``text`` with only what may stand in a header's word: a blank or a line break would end it, or the header."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text or "").strip("-")[:MAXIMUM_WORD_LENGTH]
