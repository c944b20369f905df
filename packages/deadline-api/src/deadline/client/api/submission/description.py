"""A submission in words that programs read too, before anything is done: for dry runs and for assistants.

>>> from deadline.client.api.submission.description import describe_request
>>> from deadline.client.api.submission.request import SubmissionRequest
>>> describe_request(SubmissionRequest("my-job"))["attachments"]["inputFiles"]  # doctest: +SKIP
12
"""

from __future__ import annotations

import dataclasses
import os
from configparser import ConfigParser
from typing import Any, Dict, List, Optional

from deadline.client.config import get_setting, str2bool
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.hooks.commands import resolve_command
from deadline.client.job_bundle.hooks.hook_file import SUBMISSION_PHASES, Hook
from deadline.client.job_bundle.hooks.sources import HookSource
from deadline.client.job_bundle.parameter_types import APP_PARAMETER_PREFIX
from deadline.job_attachments.models import AssetRootGroup, AssetUploadGroup

from .confirmation import confirmation_message
from .debug_snapshot import to_plain
from .findings import ERROR, describe
from .hooks import QUESTION, hooks_question
from .known_paths import PathClasses, classify_paths
from .plan import SubmissionPlan, plan_submission
from .preflight import Preflight, preflight
from .request import SubmissionRequest

_PROPERTIES = ("priority", "maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", "targetTaskRunStatus")


def describe_request(request: SubmissionRequest, config: Optional[ConfigParser] = None) -> Dict[str, Any]:
    """Plan a submission, look at its files, and describe it as :func:`describe_submission`; nothing else is done.

    Raises:
        The errors of :func:`.plan.plan_submission`.
    """
    plan = plan_submission(request, config)
    return describe_submission(plan, preflight(plan, config), config)


def describe_submission(
    plan: SubmissionPlan, checked: Preflight, config: Optional[ConfigParser] = None
) -> Dict[str, Any]:
    """What a submission would do, as plain values that JSON has.

    ====================  ============================================================================
    member                content
    ====================  ============================================================================
    ``jobBundleDir``      the bundle, absolute
    ``jobName``           the name that the job gets
    ``farmId`` ...        ``farmId``, ``queueId``, ``queueName``, and ``storageProfileId`` where there is one
    ``properties``        priority and limits, as CreateJob gets them
    ``parameters``        all parameters by name with the values that the job sees, defaults included
    ``attachments``       the files that travel, or ``None``: ``fileSystem``, ``inputFiles`` and ``inputBytes`` in all,
                          ``assetRoots``, and the folders ``knownInputs``, ``unknownInputs``, ``knownOutputs``,
                          ``unknownOutputs``
    ``missingInputs``     input files and folders that do not exist
    ``hooks``             the programs that would run on this computer, by source and phase. They are not run, so that
                          what pre-submission hooks would change is not part of the description
    ``questions``         what the user would be asked: ``about`` (``hooks`` or ``files``), ``message``, ``default``
    ``findings``          what is wrong or noteworthy: ``severity`` (``error`` or ``warning``), ``message``, ``advice``,
                          ``path`` or ``field``, ``detail``
    ``remarks``           other things the user should know
    ``refusals``          why it would be refused; empty where it would be submitted
    ====================  ============================================================================

    Args:
        plan: The job as it would be created.
        checked: What :func:`.preflight.preflight` says about it.
        config: A configuration to read from instead of the settings file.
    """
    asks = not str2bool(get_setting("settings.auto_accept", config))
    classes = _classes(checked)
    profile = plan.storage_profile
    description = {
        "jobBundleDir": os.path.abspath(plan.request.bundle_dir),
        "jobName": plan.job_name,
        "farmId": plan.farm_id,
        "queueId": plan.queue_id,
        "queueName": plan.queue_name,
        **({"storageProfileId": profile.storageProfileId} if profile else {}),
        "properties": {
            name: plan.create_job_arguments[name] for name in _PROPERTIES if name in plan.create_job_arguments
        },
        "parameters": _parameters(plan),
        "attachments": _attachments(plan, checked.group, classes) if checked.group and classes else None,
        "missingInputs": sorted({one.path for one in checked.findings if one.path and not os.path.exists(one.path)}),
        "hooks": [_source(source) for source in plan.hook_sources],
        "questions": _questions(plan, checked, classes, asks, config),
        "findings": [dataclasses.asdict(finding) for finding in checked.findings],
        "remarks": list(plan.remarks),
        "refusals": _refusals(plan, checked, classes, asks),
    }
    plain: Dict[str, Any] = to_plain(description)
    return plain


def _classes(checked: Preflight) -> Optional[PathClasses]:
    """The folders of the files that travel, or nothing where none do."""
    groups = checked.group.asset_groups if checked.group else []
    inputs = [str(path) for group in groups for path in group.inputs]
    outputs = [str(path) for group in groups for path in group.outputs]
    return classify_paths(checked.known, inputs, outputs) if inputs or outputs else None


def _parameters(plan: SubmissionPlan) -> Dict[str, Any]:
    return {
        parameter["name"]: parameter.get("value", parameter.get("default"))
        for parameter in plan.parameters
        if not parameter["name"].startswith(APP_PARAMETER_PREFIX)
    }


def _attachments(plan: SubmissionPlan, group: AssetUploadGroup, classes: PathClasses) -> Dict[str, Any]:
    return {
        "fileSystem": plan.file_system,
        "inputFiles": group.total_input_files,
        "inputBytes": group.total_input_bytes,
        "assetRoots": [_asset_root(root) for root in group.asset_groups],
        "knownInputs": classes.known_inputs,
        "unknownInputs": classes.unknown_inputs,
        "knownOutputs": classes.known_outputs,
        "unknownOutputs": classes.unknown_outputs,
    }


def _asset_root(root: AssetRootGroup) -> Dict[str, Any]:
    return {
        "rootPath": root.root_path,
        **({"fileSystemLocationName": root.file_system_location_name} if root.file_system_location_name else {}),
        "inputFiles": len(root.inputs),
        "outputDirectories": sorted(map(str, root.outputs)),
    }


def _source(source: HookSource) -> Dict[str, Any]:
    return {
        "source": source.label,
        "location": source.script_folder,
        **{phase.list_name: [_hook(hook, source) for hook in source.hooks.of(phase)] for phase in SUBMISSION_PHASES},
    }


def _hook(hook: Hook, source: HookSource) -> Dict[str, Any]:
    try:
        command = resolve_command(hook, source.script_folder)
        words = [command.program, *command.arguments]
    except DeadlineOperationError:
        words = [hook.command, *hook.args]  # running it would fail, and say so
    return {"command": words, "timeoutSeconds": hook.timeout, "variables": sorted(hook.env)}


def _questions(
    plan: SubmissionPlan,
    checked: Preflight,
    classes: Optional[PathClasses],
    asks: bool,
    config: Optional[ConfigParser],
) -> List[Dict[str, Any]]:
    questions = []
    hooks = hooks_question(plan, config)
    if hooks:
        questions.append({"about": "hooks", "message": f"{hooks}\n\n{QUESTION}", "default": True})
    if classes and checked.group and (asks or (classes.has_unknown and plan.request.from_gui)):
        message = confirmation_message(checked.group, classes, checked.known.local_locations, plan.storage_profile)
        questions.append({"about": "files", "message": message, "default": not classes.has_unknown})
    return questions


def _refusals(plan: SubmissionPlan, checked: Preflight, classes: Optional[PathClasses], asks: bool) -> List[str]:
    refusals = describe(finding for finding in checked.findings if finding.severity == ERROR)
    if classes and classes.has_unknown and not asks and not plan.request.from_gui:
        refusals.append("It would upload from unknown paths, and questions are turned off.")
    return refusals
