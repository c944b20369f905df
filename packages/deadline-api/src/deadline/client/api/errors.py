"""Errors of AWS calls as people can use them: what failed, why, and what to do next."""

from __future__ import annotations

from configparser import ConfigParser

from deadline.client.exceptions import DeadlineOperationError

from .advice import advice_on

_SUGGESTING_CODES = ("AccessDeniedException", "ResourceNotFoundException", "ValidationException")


def describe_service_error(
    action: str,
    error: Exception,
    *,
    farm_id: str | None = None,
    queue_id: str | None = None,
    fleet_id: str | None = None,
    job_id: str | None = None,
    worker_id: str | None = None,
    storage_profile_id: str | None = None,
    config: ConfigParser | None = None,
    region: str | None = None,
) -> DeadlineOperationError:
    """An error that explains the failure of an AWS call; raise it ``from`` the other one.

    Where the service does not know a resource, or does not show it, the message lists what there is instead: the ids
    say of what.

    Args:
        action: What was attempted, as a sentence goes on after "Failed to", with the resource: ``get queue queue-1``.
        error: The error of boto3, or one that explains itself already and is returned as it is.
        farm_id: The farm that was asked about.
        queue_id: The queue that was asked about.
        fleet_id: The fleet that was asked about.
        job_id: The job that was asked about.
        worker_id: The worker that was asked about.
        storage_profile_id: The storage profile that was asked about.
        config: The configuration that was used.
        region: The region that was asked, where it is not the stored one.
    """
    from botocore.exceptions import ClientError

    if isinstance(error, DeadlineOperationError):
        return error
    lines = [f"Failed to {action}: {str(error).strip()}", *advice_on(error)]
    if isinstance(error, ClientError):
        from .suggestions import suggestions_for

        if error.response.get("Error", {}).get("Code") in _SUGGESTING_CODES:
            operation: str = error.operation_name
            lines += suggestions_for(
                operation,
                error=error,
                farm_id=farm_id,
                queue_id=queue_id,
                fleet_id=fleet_id,
                job_id=job_id,
                worker_id=worker_id,
                storage_profile_id=storage_profile_id,
                config=config,
                region=region,
            )
    return DeadlineOperationError("\n".join(lines))
