"""A door: every job that a filter matches."""

from __future__ import annotations

from .job_search import JobFetchFailure, list_jobs_by_filter as _list_jobs_by_filter_expression

__all__ = ["JobFetchFailure", "_list_jobs_by_filter_expression"]
