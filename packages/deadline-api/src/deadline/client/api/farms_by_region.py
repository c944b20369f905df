"""The farms of several AWS regions, asked at once."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from configparser import ConfigParser
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from deadline.client.auth.credentials import get_user_and_identity_store_id
from deadline.client.auth.session import get_boto3_session, get_session_client
from deadline.client.config._regions import explicit_regions
from deadline.client.config.config_file import AWS_ENDPOINT_URL_DEADLINE_ENV_VAR, get_deadline_regions
from deadline.client.exceptions import DeadlineOperationError

from .advice import advice_on
from .paging import call_paginated_list_api, with_principal

logger = logging.getLogger(__name__)

MAXIMUM_REGIONS_AT_ONCE = 10

RegionResult = Tuple[Optional[str], Optional[List[Dict[str, Any]]], Optional[Exception]]


def farm_regions(config: ConfigParser | None = None) -> List[Optional[str]]:
    """The regions in which to look for farms; ``None`` is the region of the session."""
    if os.environ.get(AWS_ENDPOINT_URL_DEADLINE_ENV_VAR) and not explicit_regions(config):
        # An endpoint of one's own is that of one region.
        return [get_boto3_session(config=config).region_name]
    return list(get_deadline_regions(config))


def iter_farms_by_region(
    config: ConfigParser | None = None, regions: Sequence[Optional[str]] | None = None, **kwargs: Any
) -> Iterator[RegionResult]:
    """Ask each region for its farms, and yield ``(region, farms, None)`` or ``(region, None, error)`` as they answer.

    Args:
        config: A configuration to read from instead of the settings file.
        regions: The regions to ask, instead of :func:`farm_regions`.
        kwargs: Members of ListFarms.
    """
    regions = farm_regions(config) if regions is None else regions
    if not regions:
        return
    arguments = with_principal(config, kwargs)
    session = get_boto3_session(config=config)
    home = _region_of_the_monitor(config)
    clients = {region: get_session_client(session, "deadline", region) for region in regions}

    def ask(region: Optional[str]) -> List[Dict[str, Any]]:
        farms = call_paginated_list_api(clients[region].list_farms, "farms", **arguments)["farms"]
        return [
            {**farm, "region": region}
            for farm in farms
            # The monitor's credentials cannot use keys of another region, nor hence these farms.
            if not (home and region != home and farm.get("kmsKeyArn"))
        ]

    todo: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
    for region in clients:
        todo.put(region)
    answers: queue.SimpleQueue[RegionResult] = queue.SimpleQueue()

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                region = todo.get_nowait()
                try:
                    answers.put((region, ask(region), None))
                except Exception as error:
                    answers.put((region, None, error))

    # Threads that a program need not wait for: a region that does not answer must not hold up its end.
    for number in range(min(len(clients), MAXIMUM_REGIONS_AT_ONCE)):
        threading.Thread(target=work, name=f"list-farms-{number}", daemon=True).start()
    for _ in clients:
        yield _next(answers)


def _next(answers: queue.SimpleQueue[RegionResult]) -> RegionResult:
    while True:
        # On Windows Ctrl-C does not end a wait without a limit.
        with contextlib.suppress(queue.Empty):
            return answers.get(timeout=0.5)


def list_farms_of_all_regions(config: ConfigParser | None, arguments: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The farms of all regions that answer, in the order of the regions, then of their names.

    Raises:
        DeadlineOperationError: No region answered.
    """
    regions = farm_regions(config)
    found: Dict[Optional[str], List[Dict[str, Any]]] = {}
    errors: Dict[Optional[str], Exception] = {}
    for region, farms, error in iter_farms_by_region(config, regions, **arguments):
        if farms is not None:
            found[region] = sorted(farms, key=lambda farm: (farm.get("displayName", ""), farm["farmId"]))
        elif error is not None:
            errors[region] = error
    if errors and not found:
        failed = [region for region in regions if region in errors]
        first = errors[failed[0]]
        reasons = [f"  {region}: {errors[region]}" for region in failed]
        lines = ["The farms could not be listed in any region:", *reasons, *advice_on(first)]
        raise DeadlineOperationError("\n".join(lines)) from first
    for region, error in errors.items():
        logger.warning("The farms of region %s could not be listed: %s", region, error)
    return [farm for region in regions for farm in found.get(region, [])]


def region_of_farm(farm_id: str, config: ConfigParser | None = None) -> str | None:
    """The region that has a farm, as far as the user may see that; ``None`` where no region says so.

    Args:
        farm_id: The farm.
        config: A configuration to read from instead of the settings file.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        for region, farms, _ in iter_farms_by_region(config):
            if any(farm["farmId"] == farm_id for farm in farms or ()):
                return region
    except (BotoCoreError, ClientError, DeadlineOperationError) as error:
        # Whatever is wrong, the call for which the region is wanted will say so.
        logger.info("The region of farm %s could not be found: %s", farm_id, error)
    return None


def _region_of_the_monitor(config: ConfigParser | None) -> str | None:
    user_id, _ = get_user_and_identity_store_id(config)
    return get_boto3_session(config=config).region_name if user_id else None
