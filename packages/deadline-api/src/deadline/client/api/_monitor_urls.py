"""A door: addresses of pages in the web application of a Deadline Cloud monitor."""

from __future__ import annotations

from deadline.client.auth.monitor_urls import build_monitor_url, get_job_monitor_url as _get_job_monitor_url

__all__ = ["_get_job_monitor_url", "build_monitor_url"]
