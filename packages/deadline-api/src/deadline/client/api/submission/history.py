"""A copy of what was submitted, in the job history folder."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from pathlib import Path
from typing import Optional

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.history import create_job_history_bundle_dir
from deadline.client.job_bundle.saver import save_yaml_or_json_to_file

from .plan import SubmissionPlan

_PROPERTIES = ("targetTaskRunStatus", "maxFailedTasksCount", "maxRetriesPerTask", "priority")

logger = logging.getLogger("deadline.client.api.submission")


def keep_in_history(plan: SubmissionPlan, config: Optional[ConfigParser] = None) -> None:
    """Write the job as a bundle that can be submitted again: template, values, and absolute paths of its files.

    The job is there already, so that a failure is logged and none of the submission.
    """
    arguments = plan.create_job_arguments
    values = [{"name": item["name"], "value": item["value"]} for item in plan.parameters if "value" in item]
    values += [{"name": f"deadline:{name}", "value": arguments[name]} for name in _PROPERTIES if name in arguments]
    try:
        folder = create_job_history_bundle_dir(plan.request.submitter_name, plan.job_name, config)
        template = Path(folder, f"template.{arguments['templateType'].lower()}")
        template.write_text(arguments["template"], encoding="utf-8")
        save_yaml_or_json_to_file(folder, "parameter_values", "YAML", {"parameterValues": values})
        if plan.asset_references:
            save_yaml_or_json_to_file(folder, "asset_references", "YAML", plan.asset_references.to_dict())
    except (OSError, DeadlineOperationError) as error:
        logger.warning("The job history has no copy of this job bundle. %s", error)
