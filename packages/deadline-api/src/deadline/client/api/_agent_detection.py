"""A door: the AI agent that runs this program."""

from __future__ import annotations

from deadline.client.auth.invoking_agent import detect_invoking_agent

__all__ = ["detect_invoking_agent"]
