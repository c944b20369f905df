"""A door: what an assistant asks about jobs, for their diagnosis."""

from __future__ import annotations

from .resources import get_job, get_session, list_sessions, list_steps, list_tasks, search_jobs

__all__ = ["get_job", "get_session", "list_sessions", "list_steps", "list_tasks", "search_jobs"]
