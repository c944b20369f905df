"""Changing jobs that exist: cancel, suspend, resume, archive, priority and limits, and running tasks again.

Planning is apart from doing. A plan asks the service what there is and changes nothing; it can be shown
(``plan.describe()``), written as JSON (``plan.to_dict()``) and carried out.

>>> plan = plan_job_cancellation(farm_id, queue_id, job_id)  # doctest: +SKIP
>>> print(plan.describe())  # doctest: +SKIP
>>> change_job(plan)  # doctest: +SKIP

====================  ======================================================
module                subject
====================  ======================================================
:mod:`.job_changes`   what is changed of a job as a whole, by one call
:mod:`.requeue_plan`  which tasks are to run again, or on
:mod:`.task_requeue`  letting them, by a call for each
====================  ======================================================
"""

from __future__ import annotations

from .job_changes import (
    JobChange,
    JobChangePlan,
    change_job,
    plan_job_archiving,
    plan_job_cancellation,
    plan_job_settings,
    plan_job_suspension,
)
from .requeue_plan import StepToRequeue, TaskRequeuePlan, TaskToRequeue, plan_job_resumption, plan_task_requeue
from .task_requeue import RequeueFailure, RequeueProgress, RequeueResult, requeue_tasks

__all__ = [
    "JobChange",
    "JobChangePlan",
    "RequeueFailure",
    "RequeueProgress",
    "RequeueResult",
    "StepToRequeue",
    "TaskRequeuePlan",
    "TaskToRequeue",
    "change_job",
    "plan_job_archiving",
    "plan_job_cancellation",
    "plan_job_resumption",
    "plan_job_settings",
    "plan_job_suspension",
    "plan_task_requeue",
    "requeue_tasks",
]
