"""Addresses of pages in the web application of a Deadline Cloud monitor."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from deadline.client.config import get_setting

logger = logging.getLogger(__name__)


def build_monitor_url(
    subdomain: str,
    region: str | None = None,
    farm_id: str | None = None,
    queue_id: str | None = None,
    job_id: str | None = None,
    step_id: str | None = None,
    task_id: str | None = None,
    *,
    monitor_region: str | None = None,
    host: str | None = None,
    config: ConfigParser | None = None,
) -> str:
    """The page of a farm, a queue, a job, a step or a task. Calls nobody.

    Args:
        subdomain: The name of the monitor in its address.
        region: The region of the farm; that of the default farm where left out.
        farm_id: The farm; without it the page is the list of farms.
        queue_id: A queue of the farm.
        job_id: A job of the queue.
        step_id: A step of the job.
        task_id: A task of the step.
        monitor_region: The region of the monitor, where it is another.
        host: Scheme and host of the monitor, instead of those made of subdomain and region.
        config: A configuration to read from instead of the settings file.

    Raises:
        ValueError: There is no subdomain or no region, or an id without that of what it belongs to.
    """
    if not subdomain:
        raise ValueError("The address of a monitor needs its subdomain.")
    chain = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id, "step_id": step_id, "task_id": task_id}
    names = list(chain)
    for parent, child in zip(names, names[1:]):
        if chain[child] and not chain[parent]:
            raise ValueError(f"{child} was given without {parent}.")
    region = region or get_setting("defaults.farm_region", config)
    if not region:
        raise ValueError("The address of a monitor needs a region: pass one, or set defaults.farm_region.")
    base = host.rstrip("/") if host else f"https://{subdomain}.{monitor_region or region}.deadlinecloud.amazonaws.com"
    if not farm_id:
        return f"{base}/farms"
    url = f"{base}/{quote(region)}/farms/{quote(farm_id)}"
    if queue_id:
        url += f"/queues/{quote(queue_id)}"
    query = {name: value for name, value in (("jobId", job_id), ("stepId", step_id), ("taskId", task_id)) if value}
    return f"{url}?{urlencode(query)}" if query else url


def get_job_monitor_url(config: ConfigParser | None, farm_id: str, queue_id: str, job_id: str) -> str | None:
    """The page of a job in the monitor that the configured profile belongs to.

    ``None`` where the profile is not of a monitor, or the monitor cannot be asked for its address; never raises.
    """
    try:
        return _job_monitor_url(config, farm_id, queue_id, job_id)
    except Exception as error:
        logger.debug("The address of the job's page is not known: %s", error)
        return None


def _job_monitor_url(config: ConfigParser | None, farm_id: str, queue_id: str, job_id: str) -> str | None:
    from .credentials import get_monitor_id
    from .session import get_boto3_session, get_session_client

    monitor_id = get_monitor_id(config)
    if not monitor_id:
        return None
    # The monitor lives in the region of its profile, whatever that of the farm is.
    client: Any = get_session_client(get_boto3_session(config=config), "deadline")
    monitor = client.get_monitor(monitorId=monitor_id)
    subdomain = monitor.get("subdomain")
    if not subdomain:
        return None
    address = urlsplit(monitor.get("url") or "")
    region = _region_in(address.hostname or "", subdomain)
    return build_monitor_url(
        subdomain,
        get_setting("defaults.farm_region", config) or region,
        farm_id,
        queue_id,
        job_id,
        monitor_region=region or client.meta.region_name,
        # Other partitions of AWS have other domains.
        host=f"{address.scheme}://{address.netloc}" if address.netloc else None,
        config=config,
    )


def _region_in(host: str, subdomain: str) -> str | None:
    """The region in ``<subdomain>.<region>.deadlinecloud.amazonaws.com``."""
    labels = host.split(".")
    return labels[1] if len(labels) > 2 and labels[0] == subdomain.lower() else None
