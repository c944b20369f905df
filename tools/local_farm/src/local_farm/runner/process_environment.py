"""The environment variables of the processes that a session runs.

They inherit the environment of the farm, so that programs are found, but not the secrets of whoever started it: their AWS
settings are the farm's, and variables that are named like secrets are removed.
"""

from __future__ import annotations

import os
import re
from typing import Mapping

from local_farm.runner.claims import ClaimedSession, ClaimedTask

_SECRET = re.compile(
    r"^(AWS|DEADLINE)_|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(API|ACCESS|PRIVATE|AUTH)_?KEY", re.IGNORECASE
)


def session_environment(farm_environment: Mapping[str, str], session: ClaimedSession) -> dict[str, str | None]:
    """The variables that differ from this process's own; those that are ``None`` are to be removed.

    Arguments:
        farm_environment: What a client of the farm needs: endpoints, region, credentials.
    """
    variables: dict[str, str | None] = {name: None for name in os.environ if _SECRET.search(name)}
    variables.update(farm_environment)
    variables.update(
        DEADLINE_FARM_ID=session.farm_id,
        DEADLINE_QUEUE_ID=session.queue_id,
        DEADLINE_FLEET_ID=session.fleet_id,
        DEADLINE_WORKER_ID=session.worker_id,
        DEADLINE_JOB_ID=session.job_id,
        DEADLINE_SESSION_ID=session.session_id,
    )
    return variables


def task_environment(task: ClaimedTask, action_id: str) -> dict[str, str]:
    """What a task's processes know of themselves."""
    return {
        "DEADLINE_STEP_ID": task.step_id,
        "DEADLINE_TASK_ID": task.task_id,
        "DEADLINE_SESSIONACTION_ID": action_id,
    }
