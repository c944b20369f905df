"""Hooks around a submission: whether the user wants them, running them, and what they are told."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from typing import Any, Dict, Mapping, Optional

from deadline.client.config import get_setting, str2bool
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError, UserInitiatedCancel
from deadline.client.job_bundle.hooks import running
from deadline.client.job_bundle.hooks.consent import confirmation_message
from deadline.client.job_bundle.hooks.hook_file import SUBMISSION_PHASES
from deadline.client.job_bundle.hooks.metadata import HookMetadata
from deadline.client.job_bundle.hooks.outputs import REFERENCE_LISTS, SubmissionChanges
from deadline.client.job_bundle.hooks.sources import BUNDLE_SETTING, ENVIRONMENT_SETTING
from deadline.client.job_bundle.loader import read_yaml_or_json_object

from .canceling import CancelableHost
from .plan import SubmissionPlan

logger = logging.getLogger("deadline.client.api.submission")

QUESTION = "Do you want to run these programs and submit the job?"
_PROPERTIES = ("priority", "maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", "targetTaskRunStatus")


def hooks_question(plan: SubmissionPlan, config: Optional[ConfigParser] = None) -> str:
    """What is asked before hooks run, or nothing: there are none, or the settings say that nothing is asked."""
    if not plan.hook_sources or str2bool(get_setting("settings.auto_accept", config)):
        return ""
    return confirmation_message(plan.hook_sources, SUBMISSION_PHASES)


def confirm_hooks(plan: SubmissionPlan, host: CancelableHost, config: Optional[ConfigParser] = None) -> None:
    """Ask whether hooks may run, unless nothing is asked.

    Raises:
        UserInitiatedCancel: The user said no.
        DeadlineOperationCanceled: Nobody could be asked.
    """
    message = hooks_question(plan, config)
    if not message:
        return
    answer = host.confirm(f"{message}\n\n{QUESTION}", True)
    if answer is None:
        host.show(f"{message}\n\nJob submission canceled: there is nobody to ask whether these programs may run.")
        raise DeadlineOperationCanceled(
            "The job was not submitted: it would run programs on this computer, and there is nobody to ask. To agree in "
            "advance use --yes (in Python the setting settings.auto_accept), or turn the hooks off in the settings "
            f"{BUNDLE_SETTING} and {ENVIRONMENT_SETTING}."
        )
    if not answer:
        host.show("Job submission canceled.")
        raise UserInitiatedCancel("The job was not submitted.")


def run_pre_submission_hooks(plan: SubmissionPlan, host: CancelableHost) -> SubmissionChanges:
    """Run the pre-submission hooks of all sources, and return what they changed.

    Raises:
        DeadlineOperationError: A hook failed.
        DeadlineOperationCanceled: The submission was canceled.
    """
    output: Dict[str, Any] = {}
    metadata = _metadata(plan)
    for source in plan.hook_sources:
        output = running.run_pre_submission_hooks(source, metadata, output, host.show, lambda: host.is_canceled)
    return SubmissionChanges.of(output)


def run_post_submission_hooks(
    plan: SubmissionPlan, arguments: Mapping[str, Any], job_id: str, host: CancelableHost
) -> None:
    """Run the post-submission hooks of all sources. Those that fail leave a warning in the log.

    Args:
        plan: The job as it was submitted.
        arguments: The arguments of CreateJob.
        job_id: The job.
        host: Who is told.
    """
    if not any(source.hooks.post_submission for source in plan.hook_sources):
        return
    try:
        metadata = _metadata(plan, arguments, job_id)
    except DeadlineOperationError as error:
        logger.warning("Post-submission hooks do not run. %s", error)
        return
    for source in plan.hook_sources:
        running.run_post_submission_hooks(source, metadata, host.show, lambda: host.is_canceled)


def _metadata(
    plan: SubmissionPlan, arguments: Optional[Mapping[str, Any]] = None, job_id: Optional[str] = None
) -> HookMetadata:
    return HookMetadata(
        job_name=plan.job_name,
        priority=plan.create_job_arguments["priority"],
        farm_id=plan.farm_id,
        queue_id=plan.queue_id,
        job_bundle_dir=plan.request.bundle_dir,
        parameters={parameter["name"]: parameter.get("value") for parameter in plan.parameters},
        submitter_name=plan.request.submitter_name,
        asset_references=read_yaml_or_json_object(plan.request.bundle_dir, "asset_references", required=False) or {},
        submission_payload=arguments or {},
        storage_profile_id=plan.storage_profile.storageProfileId if plan.storage_profile else None,
        job_id=job_id,
        resolved=_resolved(plan),
    )


def _resolved(plan: SubmissionPlan) -> Dict[str, Any]:
    """The submission as it stands, with defaults and settings filled in."""
    references = plan.asset_references
    paths = (
        references.input_filenames,
        references.input_directories,
        references.output_directories,
        references.referenced_paths,
    )
    return {
        "jobName": plan.job_name,
        **{name: plan.create_job_arguments[name] for name in _PROPERTIES if name in plan.create_job_arguments},
        "parameters": {
            parameter["name"]: parameter.get("value", parameter.get("default")) for parameter in plan.parameters
        },
        "assetReferences": {name: sorted(each) for name, each in zip(REFERENCE_LISTS, paths)},
        "jobAttachmentsFileSystem": plan.file_system,
    }
