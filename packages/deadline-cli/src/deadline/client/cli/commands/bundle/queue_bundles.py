"""What the commands for shared job bundles have in common."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Iterator

from ...options import configuration, required_farm_and_queue
from ...services import service_errors

if TYPE_CHECKING:
    from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository


@contextlib.contextmanager
def queue_bundles(action: str, **options: Any) -> Iterator[S3BundleRepository]:
    """The shared job bundles of the queue that the options name; errors of AWS in the block say what was attempted.

    Args:
        action: As a sentence goes on after "Failed to".
        options: Those of ``queue_options``.
    """
    from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    with service_errors(f"{action} of queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        yield S3BundleRepository.from_config(config)


def shown(name: str) -> str:
    """A name as it may be printed: others have chosen it, and it may hold anything."""
    from deadline.client.job_bundle.repository.info import printable

    return printable(name)
