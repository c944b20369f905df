"""Resources of the service as id and name, for completing ids; what was found a moment ago is not asked for again."""

from __future__ import annotations

import os
import threading
from configparser import ConfigParser
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .recent import Items, recent_items, remember_items

SECONDS = 4.0
"""How long the service is waited for; no more than somebody waits who has pressed a key."""

LARGEST_PAGE = 100
"""The most jobs and workers that are offered: those of one page."""

_VARIABLES = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_DEADLINE")
"""What decides besides the settings whose resources are listed."""

_WITHIN: Mapping[str, Tuple[str, ...]] = {
    "farm": (),
    "queue": ("farm_id",),
    "fleet": ("farm_id",),
    "storage-profile": ("farm_id", "queue_id"),
    "job": ("farm_id", "queue_id"),
    "worker": ("farm_id", "fleet_id"),
}
"""The ids within which each kind of resource is listed."""


def find_resources(kind: str, given: Mapping[str, Any], seconds: float = SECONDS) -> Items:
    """The ids and names of the resources of a kind; none where the service does not answer in time.

    Args:
        kind: One of ``farm``, ``queue``, ``fleet``, ``storage-profile``, ``job`` and ``worker``.
        given: The options that the command line has so far, by their names.
        seconds: How long to wait.
    """
    from ..overrides import overridden_settings

    options = {name: value for name, value in given.items() if isinstance(value, str) and value}
    config = overridden_settings(**{name: value for name, value in options.items() if name != f"{_member(kind)}_id"})
    key = [kind, *_place(kind, config, options), *(os.environ.get(name, "") for name in _VARIABLES)]
    items = recent_items(key)
    if items is None:
        items = _within(seconds, lambda: _ask(kind, config, options))
        remember_items(key, items)
    return items or []


def _member(kind: str) -> str:
    return kind.replace("-", "_")


def _place(kind: str, config: ConfigParser, options: Mapping[str, str]) -> List[str]:
    from deadline.client.config import get_setting

    place = [get_setting("defaults.aws_profile_name", config), options.get("region", "")]
    for name in _WITHIN[kind]:
        place.append(options.get(name, "") if name == "fleet_id" else get_setting(f"defaults.{name}", config))
    return place


def _within(seconds: float, ask: Callable[[], Items]) -> Optional[Items]:
    """What ``ask`` returns; ``None`` where it fails or takes longer."""
    answers: List[Items] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception:  # whatever it is: the command itself will say so
            return

    thread = threading.Thread(target=run, name="completion", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


def _ask(kind: str, config: ConfigParser, options: Mapping[str, str]) -> Items:
    from deadline.client import api
    from deadline.client.api.selection import resolve_farm_and_queue
    from deadline.client.auth.regions import resolve_region

    if kind == "farm":
        return _items(api.list_farms(config=config, region=options.get("region"))["farms"], "farmId")
    ids = resolve_farm_and_queue(config, queue="queue_id" in _WITHIN[kind])
    inside: Dict[str, Any] = {
        "config": config,
        "region": resolve_region(config, farm_id=ids.farm_id),
        "farmId": ids.farm_id,
    }
    if kind == "queue":
        return _items(api.list_queues(**inside)["queues"], "queueId")
    if kind == "fleet":
        return _items(api.list_fleets(**inside)["fleets"], "fleetId")
    if kind == "worker":
        fleet_id = options.get("fleet_id", "")
        found = api.search_workers(**inside, fleetIds=[fleet_id], pageSize=LARGEST_PAGE)["workers"] if fleet_id else []
        return [(worker["workerId"], worker.get("status", "")) for worker in found]
    if kind == "storage-profile":
        found = api.list_storage_profiles_for_queue(**inside, queueId=ids.queue_id)["storageProfiles"]
        return _items(found, "storageProfileId")
    newest = api.search_jobs(**inside, queueIds=[ids.queue_id], pageSize=LARGEST_PAGE, newestFirst=True)["jobs"]
    return [(job["jobId"], f"{job.get('name', '')} {job.get('taskRunStatus', '')}".strip()) for job in newest]


def _items(resources: List[Dict[str, Any]], identifier: str) -> Items:
    return [(one[identifier], one.get("displayName", "")) for one in resources]
