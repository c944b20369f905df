"""What there is instead of a resource that the service does not know, or does not show to this user.

An error mostly tells which resource it is about: the service names the one that it did not find, or the member of the
request that is not well formed. Resources of that kind are listed then, and nothing is said against the others. Where
the error is silent, what contains the resource is tried from the inside out: jobs, then queues, then farms.
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client

from . import lists
from .advice import is_denial

MAXIMUM_LINES = 10
CLOSE_ENOUGH = 0.8
"""How alike an id and the wrong one have to be for it to come first: a few wrong characters."""

_PAGE = 100
_NEWEST_FIRST = [{"fieldSort": {"name": "CREATED_AT", "sortOrder": "DESCENDING"}}]

_CHAINS: Dict[str, Tuple[str, ...]] = {
    **dict.fromkeys(("GetFarm", "ListFarms"), ("farm",)),
    **dict.fromkeys(
        ("GetQueue", "ListQueues", "ListQueueEnvironments", "AssumeQueueRoleForUser", "AssumeQueueRoleForRead"),
        ("queue", "farm"),
    ),
    **dict.fromkeys(("GetFleet", "ListFleets", "ListWorkers"), ("fleet", "farm")),
    **dict.fromkeys(("GetWorker", "SearchWorkers"), ("worker", "fleet", "farm")),
    **dict.fromkeys(
        ("GetJob", "ListJobs", "SearchJobs", "UpdateJob", "ListSteps", "ListSessions"), ("job", "queue", "farm")
    ),
    **dict.fromkeys(("GetStorageProfileForQueue", "ListStorageProfilesForQueue"), ("storage-profile", "queue", "farm")),
}
"""The kinds of resources to list where an operation fails, the nearest first."""

_CONTAINERS = {"queue": "farm", "fleet": "farm", "job": "queue", "worker": "fleet", "storage-profile": "queue"}
_ID_FIELDS = {"storage-profile": "storageProfileId"}
_ID_PREFIXES = {"storage-profile": "sp"}

_KINDS = ("farm", "queue", "fleet", "job", "worker", "storage-profile")

Ids = Dict[str, Optional[str]]
"""The id of each kind of resource that was asked about."""


@dataclass(frozen=True)
class _Found:
    """Resources as id and name, the first ones of ``total``."""

    items: List[Tuple[str, str]]
    total: int


def suggestions_for(
    operation: str,
    *,
    error: Optional[Exception] = None,
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    fleet_id: Optional[str] = None,
    job_id: Optional[str] = None,
    worker_id: Optional[str] = None,
    storage_profile_id: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> List[str]:
    """Lines that list resources near the one a failed operation asked about.

    Args:
        operation: The operation of the service, such as ``GetQueue``.
        error: The error of boto3, which may tell what exactly is wrong.
        farm_id: The farm that it asked about; without it little can be listed.
        queue_id: The queue that it asked about.
        fleet_id: The fleet that it asked about.
        job_id: The job that it asked about.
        worker_id: The worker that it asked about.
        storage_profile_id: The storage profile that it asked about.
        config: The configuration that was used.
        region: The region that was asked, where it is not the stored one.

    Returns:
        A heading and lines of id and name; nothing for operations without a list of that kind; a remark where nothing
        could be listed.
    """
    chain = _CHAINS.get(operation, ())
    ids: Ids = {
        "farm": farm_id,
        "queue": queue_id,
        "fleet": fleet_id,
        "job": job_id,
        "worker": worker_id,
        "storage-profile": storage_profile_id,
    }
    if not chain or any(not ids[_CONTAINERS[kind]] for kind in chain if kind in _CONTAINERS):
        return []
    malformed = [kind for kind in chain if _is_malformed(kind, ids[kind])]
    if malformed:
        # Nothing can be listed in what cannot exist, so the outermost counts; what contains it is not in doubt.
        kind = malformed[-1]
        remark = f"{ids[kind]!r} is no id of a {_name(kind)}: those look like {_prefix(kind)}-<32 hexadecimal digits>."
        return [remark, *_listing([kind], ids, config, region)]
    blamed, blamed_id = _blamed(error)
    if blamed is None:
        return _listing(chain, ids, config, region, denied=is_denial(error))
    if blamed not in chain:
        return []
    ids[blamed] = ids[blamed] or blamed_id
    first = chain.index(blamed)
    return _listing(chain[first:], ids, config, region, doubtful=first > 0)


def available(
    kind: str,
    *,
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    fleet_id: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> List[str]:
    """Lines that list the resources of a kind, for somebody who has named none; nothing where none can be listed.

    Args:
        kind: ``farm``, ``queue``, ``fleet``, ``job``, ``worker`` or ``storage-profile``.
        farm_id: The farm, for all kinds but farms.
        queue_id: The queue, for jobs and storage profiles.
        fleet_id: The fleet, for workers.
        config: The configuration to use.
        region: The region to ask, where it is not the stored one.
    """
    ids: Ids = {**dict.fromkeys(_KINDS), "farm": farm_id, "queue": queue_id, "fleet": fleet_id}
    ids[kind] = None
    try:
        found = _list(kind, ids, config, region)
    except Exception:  # the user is told already what is missing
        return []
    return describe_available(
        kind, found.items, total=found.total, farm_id=farm_id, queue_id=queue_id, fleet_id=fleet_id
    )


def describe_available(
    kind: str,
    items: Sequence[Tuple[str, str]],
    *,
    total: int = 0,
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    fleet_id: Optional[str] = None,
) -> List[str]:
    """The lines of :func:`available` for resources that have been listed already, as id and name."""
    ids: Ids = {**dict.fromkeys(_KINDS), "farm": farm_id, "queue": queue_id, "fleet": fleet_id}
    return _lines(_heading(kind, ids), items, max(total, len(items))) if items else []


def _lines(heading: str, items: Sequence[Tuple[str, str]], total: int) -> List[str]:
    shown = items[:MAXIMUM_LINES]
    more = total - len(shown)
    return [
        heading,
        *(f"  {identifier}  {name}".rstrip() for identifier, name in shown),
        *([f"  ... and {more} more"] if more > 0 else []),
    ]


def _blamed(error: Optional[Exception]) -> Tuple[Optional[str], Optional[str]]:
    """The kind of resource that an error is about, and its id, where it says so."""
    response: Dict[str, Any] = getattr(error, "response", {})
    if response.get("resourceType"):
        return _kind(str(response["resourceType"])), response.get("resourceId")
    fields = [str(field.get("name", "")) for field in response.get("fieldList") or []]
    for field in fields:
        if field.endswith("Id"):
            return _kind(field[: -len("Id")]), None
    # Where it is about a member that is no id, the resources are as they should be.
    return ("none", None) if fields else (None, None)


def _kind(name: str) -> str:
    """``storage-profile`` of ``storageProfile``, ``StorageProfile`` or ``STORAGE_PROFILE``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", "-", name).lower()


def _name(kind: str) -> str:
    return kind.replace("-", " ")


def _prefix(kind: str) -> str:
    return _ID_PREFIXES.get(kind, kind)


def _is_malformed(kind: str, identifier: Optional[str]) -> bool:
    return bool(identifier) and not re.fullmatch(f"{_prefix(kind)}-[0-9a-f]{{32}}", identifier or "")


def _listing(
    kinds: Sequence[str],
    ids: Ids,
    config: Optional[ConfigParser],
    region: Optional[str],
    *,
    doubtful: bool = False,
    denied: bool = False,
) -> List[str]:
    """The resources of the first kind of which there are any, with a heading.

    Args:
        kinds: The kinds to try.
        ids: The ids that were asked about.
        config: The configuration that was used.
        region: The region that was asked.
        doubtful: Whether to say that the first kind's id may be wrong.
        denied: Whether a permission is wanting, of which an id that can be listed is not the cause.
    """
    remarks: List[str] = []
    for kind in kinds:
        try:
            found = _list(kind, ids, config, region)
        except Exception:  # whatever it is, it must not hide the error that is being explained
            doubtful = True
            continue
        if denied and any(identifier == ids[kind] for identifier, _ in found.items):
            return remarks
        if found.items:
            doubt = f"The {_name(kind)} id {ids[kind]} may be wrong. " if doubtful and ids[kind] else ""
            closest = _closest_first(found.items, ids[kind])
            return [*remarks, *_lines(f"{doubt}{_heading(kind, ids)}", closest, found.total)]
        # What contains it is right, since it could be listed; what else there is may help all the same.
        where = f" in {_container(kind, ids)}" if kind in _CONTAINERS else ""
        remarks = [f"There are no {_name(kind)}s{where} that your user may see."]
        doubtful = False
    return remarks or ["Nothing could be listed instead. Your user may lack the permission to list."]


def _heading(kind: str, ids: Ids) -> str:
    if kind == "farm":
        return "Available farms:"
    plural = "Recent jobs" if kind == "job" else f"{_name(kind).capitalize()}s"
    return f"{plural} of {_container(kind, ids)}:"


def _container(kind: str, ids: Ids) -> str:
    container = _CONTAINERS[kind]
    return f"{container} {ids[container]}"


def _closest_first(items: List[Tuple[str, str]], wrong: Optional[str]) -> List[Tuple[str, str]]:
    """The resources whose id or name is almost the one asked for, then the others as they were."""
    if not wrong:
        return items
    from difflib import SequenceMatcher

    def likeness(item: Tuple[str, str]) -> float:
        # What stands before the digits is alike in all ids.
        pairs = [(wrong.rpartition("-")[2], item[0].rpartition("-")[2]), (wrong.lower(), item[1].lower())]
        best = max(SequenceMatcher(None, mine, other, autojunk=False).ratio() for mine, other in pairs)
        return best if best >= CLOSE_ENOUGH else 0.0

    return sorted(items, key=likeness, reverse=True)


def _list(kind: str, ids: Ids, config: Optional[ConfigParser], region: Optional[str]) -> _Found:
    """The resources of a kind: all of them, or the newest where there may be very many."""
    if kind == "farm":
        return _found(kind, lists.list_farms(config=config)["farms"])
    farm_id = ids["farm"]
    region = resolve_region(config, region, farm_id)
    inside: Dict[str, Any] = {"farmId": farm_id}
    if kind in ("job", "worker"):
        search = {**inside, "itemOffset": 0, "pageSize": _PAGE}
        client = get_boto3_client("deadline", config=config, region=region)
        answer = (
            client.search_jobs(**search, queueIds=[ids["queue"]], sortExpressions=_NEWEST_FIRST)
            if kind == "job"
            else client.search_workers(**search, fleetIds=[ids["fleet"]])
        )
        return _found(kind, answer[f"{kind}s"], answer.get("totalResults", 0))
    functions: Dict[str, Tuple[Callable[..., Dict[str, Any]], str, Dict[str, Any]]] = {
        "queue": (lists.list_queues, "queues", inside),
        "fleet": (lists.list_fleets, "fleets", inside),
        "storage-profile": (
            *(lists.list_storage_profiles_for_queue, "storageProfiles"),
            {**inside, "queueId": ids["queue"]},
        ),
    }
    function, key, arguments = functions[kind]
    return _found(kind, function(config=config, region=region, **arguments)[key])


def _found(kind: str, items: List[Dict[str, Any]], total: int = 0) -> _Found:
    identifier = _ID_FIELDS.get(kind, f"{kind}Id")
    named = [
        (item[identifier], item.get("displayName") or item.get("name") or item.get("status", "")) for item in items
    ]
    return _Found(named, max(total, len(named)))
