"""Looking at a submission before anything is uploaded, so that what cannot work is told at once and all together.

Files are found and looked at in one walk (:mod:`.input_files`). Links are resolved, plain files are not. A link to a file
travels as the content that it leads to, wherever that is, so that no input is left out because of it; what it leads to
counts for the question whether the folder is known.
"""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple

from deadline.client.job_bundle.submission import AssetReferences
from deadline.job_attachments.grouping import group_paths
from deadline.job_attachments.models import AssetUploadGroup, StorageProfile

from .file_findings import (
    MOST_ROOTS,
    input_findings,
    links_out_of_known_folders,
    not_shared,
    root_findings,
    too_many_roots,
    worker_systems,
)
from .findings import WARNING, Finding, describe, refuse_errors
from .input_files import find_input_files
from .known_paths import KnownPaths, find_known_paths
from .plan import SubmissionPlan
from .request_limits import request_findings


@dataclass(frozen=True)
class Preflight:
    """What is known of a submission's files and limits."""

    findings: Tuple[Finding, ...]
    group: Optional[AssetUploadGroup]
    """The files that travel, by asset root; ``None`` where none can."""
    known: KnownPaths

    @property
    def warnings(self) -> List[str]:
        """What the user should see though the job can be submitted; texts for people."""
        return describe(finding for finding in self.findings if finding.severity == WARNING)

    def refuse_errors(self) -> None:
        """Raise an error that lists everything that hinders the submission; see :func:`.findings.refuse_errors`."""
        refuse_errors(self.findings)


def preflight(plan: SubmissionPlan, config: Optional[ConfigParser] = None) -> Preflight:
    """Find a job's files, and what is wrong with them or with the request. Nothing is raised for what is found.

    Args:
        plan: The job as it will be created.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: A pattern of the request's ``exclude`` cannot be used.
    """
    known = find_known_paths(plan, config)
    findings = list(request_findings(plan.create_job_arguments))
    references, profile = plan.asset_references, plan.storage_profile
    if not references:
        return Preflight(tuple(findings), None, known)
    if not plan.queue.get("jobAttachmentSettings"):
        findings += _without_attachments(plan)
        return Preflight(tuple(findings), None, known)
    inputs = find_input_files(_without_shared_directories(references, profile), plan.request.exclude)
    group = group_paths(
        inputs.files,
        sorted(references.output_directories),
        sorted({*references.referenced_paths, *inputs.unused_paths}),
        profile,
    )
    findings += input_findings(inputs, profile, plan.request.require_paths_exist)
    findings += links_out_of_known_folders(inputs, known)
    systems = worker_systems(plan.queue, profile)
    for root in group.asset_groups:
        findings += root_findings(root, systems)
    if len(group.asset_groups) > MOST_ROOTS:
        findings.append(too_many_roots(group))
    return Preflight(tuple(findings), group, known)


def _without_attachments(plan: SubmissionPlan) -> Iterator[Finding]:
    references = plan.asset_references
    inputs = sorted({*references.input_filenames, *references.input_directories})
    name = plan.queue.get("displayName") or plan.queue_id
    for path in not_shared(inputs, plan.storage_profile):
        yield Finding(
            WARNING,
            f"The queue {name} has no job attachments, so that these inputs are not uploaded",
            "Workers have to find them at the same places. Otherwise choose another queue, or ask the farm's administrator "
            "to set up job attachments for this one.",
            path=path,
        )


def _without_shared_directories(references: AssetReferences, profile: Optional[StorageProfile]) -> AssetReferences:
    """The references without input directories that workers see themselves: they need not be walked through."""
    return AssetReferences(
        input_filenames=references.input_filenames,
        input_directories=set(not_shared(references.input_directories, profile)),
    )
