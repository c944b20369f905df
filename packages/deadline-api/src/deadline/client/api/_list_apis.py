"""A door: the lists of a farm."""

from __future__ import annotations

from .farms_by_region import iter_farms_by_region as _iter_farms_by_region
from .lists import list_farms, list_fleets, list_jobs, list_queues, list_storage_profiles_for_queue
from .paging import call_paginated_list_api as _call_paginated_deadline_list_api

__all__ = [
    "_call_paginated_deadline_list_api",
    "_iter_farms_by_region",
    "list_farms",
    "list_fleets",
    "list_jobs",
    "list_queues",
    "list_storage_profiles_for_queue",
]
