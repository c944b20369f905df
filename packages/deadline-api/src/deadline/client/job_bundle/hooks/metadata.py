"""What a hook is told: as JSON on its standard input, and the ids and names as environment variables too."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional


@dataclass(frozen=True)
class HookMetadata:
    """A submission as hooks see it."""

    job_name: str = ""
    priority: int = 50
    farm_id: str = ""
    queue_id: str = ""
    job_bundle_dir: str = ""
    """The job bundle; empty where there is none yet."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The job's parameters by name; ``None`` for those that have no value but maybe a default."""
    submitter_name: str = ""
    asset_references: Mapping[str, Any] = field(default_factory=dict)
    """The content of the bundle's ``asset_references`` file."""
    submission_payload: Mapping[str, Any] = field(default_factory=dict)
    """What hooks before this one have answered; after the submission, the arguments of CreateJob."""
    storage_profile_id: Optional[str] = None
    job_id: Optional[str] = None
    resolved: Mapping[str, Any] = field(default_factory=dict)
    """The submission with defaults and settings filled in and paths made absolute."""

    def to_dict(self) -> Dict[str, Any]:
        """The members of the JSON object that hooks read."""
        members = {
            "jobName": str(self.job_name),
            "priority": self.priority,
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "jobBundleDir": _absolute(self.job_bundle_dir),
            "parameters": dict(self.parameters),
            "submitterName": self.submitter_name,
            "assetReferences": dict(self.asset_references),
            "submissionPayload": dict(self.submission_payload),
            "storageProfileId": self.storage_profile_id,
            "jobId": self.job_id,
            "resolved": dict(self.resolved),
        }
        optional = ("storageProfileId", "jobId", "resolved")
        return {name: value for name, value in members.items() if value or name not in optional}

    def to_json(self) -> str:
        """The object as text. It is ASCII, which programs read right whatever encoding they take it for."""
        return json.dumps(self.to_dict(), indent=2, default=str)

    def environment(self) -> Dict[str, str]:
        """The variables that hooks find; texts cannot hold NUL characters there."""
        variables = {
            "DEADLINE_JOB_NAME": str(self.job_name),
            "DEADLINE_PRIORITY": str(self.priority),
            "DEADLINE_FARM_ID": self.farm_id,
            "DEADLINE_QUEUE_ID": self.queue_id,
            "DEADLINE_JOB_BUNDLE_DIR": _absolute(self.job_bundle_dir),
            "DEADLINE_STORAGE_PROFILE_ID": self.storage_profile_id or None,
            "DEADLINE_JOB_ID": self.job_id or None,
        }
        return {name: value.replace("\0", "") for name, value in variables.items() if value is not None}


def _absolute(folder: str) -> str:
    return os.path.abspath(folder) if folder else ""
