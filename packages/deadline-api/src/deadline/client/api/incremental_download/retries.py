"""Session actions whose outputs are tried again: those that failed, and those whose files may have a place here by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Collection, Dict, FrozenSet, Mapping, Sequence, Set

from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError

from .events import SyncOutputEvent, Warned
from .notes import FAILED, Notes
from .profiles import ProfileMapping
from .service import QueueService


@dataclass(frozen=True)
class Retries:
    """The session actions that are tried again, their jobs, and what GetJob says of those that are no candidates."""

    job_ids: FrozenSet[str]
    action_ids: FrozenSet[str]
    jobs: Mapping[str, Mapping[str, Any]]

    def with_details(self, service: QueueService, job_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """GetJob of jobs, without asking again for what is known; jobs that there are no more are left out."""
        found, _ = service.get_jobs([job_id for job_id in job_ids if job_id not in self.jobs])
        return {**found, **{job_id: self.jobs[job_id] for job_id in job_ids if job_id in self.jobs}}


def find_retries(
    service: QueueService,
    notes: Notes,
    mapping: ProfileMapping,
    candidates: Collection[str],
    show: Callable[[SyncOutputEvent], None],
) -> Retries:
    """What is tried again. Jobs that there are no more are forgotten.

    Args:
        service: Of the queue.
        notes: Of the runs before.
        mapping: How paths are mapped now.
        candidates: Jobs that are looked at in any case.
        show: Is told where the service does not say enough; those jobs wait for the next run then.
    """
    actions: Dict[str, Set[str]] = {}
    for job_id, entry in notes.ledger.jobs.items():
        for action_id, reason in entry.session_actions_to_retry.items():
            if reason == FAILED or reason != mapping.fingerprint(entry.job.get("storageProfileId")):
                actions.setdefault(job_id, set()).add(action_id)
    wanted = {*actions, *notes.failed_jobs.to_retry()}
    others = sorted(job_id for job_id in wanted if job_id not in candidates)
    found: Dict[str, Dict[str, Any]] = {}
    try:
        found, gone = service.get_jobs(others)
    except DeadlineOperationCanceled:
        raise
    except DeadlineOperationError as error:
        show(Warned(f"Jobs that failed before are not tried again by this run, but by the next one. {error}"))
        gone = set()
    for job_id in gone:
        notes.forget(job_id)
    tried = {job_id for job_id in wanted if job_id in candidates or job_id in found}
    of_tried = {action_id for job_id in tried for action_id in actions.get(job_id, ())}
    return Retries(frozenset(tried), frozenset(of_tried), found)
