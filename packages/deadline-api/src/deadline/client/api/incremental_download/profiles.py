"""Path mapping by storage profiles: from the machines that submitted jobs to this one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.path_mapping import PathMappingRuleApplier, generate_path_mapping_rules

from ..service_client import described_errors, error_code
from .events import PathsMapped, SyncOutputEvent, Warned
from .service import NOT_FOUND, QueueService

NOT_MAPPED = "not mapped"
"""The fingerprint of profiles whose paths are those of this machine."""


class ProfileMapping:
    """How paths are mapped, by storage profile; each profile is asked for once."""

    def __init__(
        self, service: QueueService, local: Optional[Mapping[str, Any]], show: Callable[[SyncOutputEvent], None]
    ) -> None:
        """``local`` is the profile of this machine, or ``None`` where nothing is mapped."""
        self._service = service
        self._local = local
        self._show = show
        self._profiles: Dict[str, Optional[Mapping[str, Any]]] = {}
        if local is not None:
            self._profiles[local["storageProfileId"]] = local

    def appliers(self, profile_ids: Iterable[Optional[str]]) -> Dict[Optional[str], Optional[PathMappingRuleApplier]]:
        """How paths of jobs are mapped, by their profiles, which are given once for each job; tells the user of it."""
        jobs = Counter(profile_ids)
        appliers = {profile_id: self._applier(profile_id) for profile_id in jobs}
        for profile_id, applier in appliers.items():
            if applier is not None:
                self._tell(profile_id, applier, jobs[profile_id])
        return appliers

    def name_of(self, profile_id: Optional[str]) -> str:
        """The name and the id of a profile."""
        profile = self._profiles.get(profile_id or "")
        return f"{profile['displayName']} ({profile_id})" if profile else str(profile_id)

    def fingerprint(self, profile_id: Optional[str]) -> str:
        """A text that is another one when the paths of jobs with a profile are mapped in another way."""
        applier = self._applier(profile_id)
        if applier is None:
            return NOT_MAPPED
        rules = [
            [rule.source_path_format, rule.source_path, rule.destination_path] for rule in applier.path_mapping_rules
        ]
        return hash_data(json.dumps(rules).encode(), HashAlgorithm.XXH128)

    def _applier(self, profile_id: Optional[str]) -> Optional[PathMappingRuleApplier]:
        if self._local is None or profile_id == self._local["storageProfileId"] or profile_id is None:
            return None
        profile = self._profile(profile_id)
        # Without rules no path has a place here.
        return PathMappingRuleApplier(generate_path_mapping_rules(profile, self._local) if profile else [])

    def _profile(self, profile_id: str) -> Optional[Mapping[str, Any]]:
        from botocore.exceptions import ClientError

        if profile_id not in self._profiles:
            with described_errors(f"get storage profile {profile_id}"):
                try:
                    self._profiles[profile_id] = self._service.get_storage_profile(profile_id)
                except ClientError as error:
                    if error_code(error) != NOT_FOUND:
                        raise
                    self._profiles[profile_id] = None
        return self._profiles[profile_id]

    def _tell(self, profile_id: Optional[str], applier: PathMappingRuleApplier, jobs: int) -> None:
        assert self._local is not None
        rules = [(rule.source_path, rule.destination_path) for rule in applier.path_mapping_rules]
        if rules:
            self._show(PathsMapped(self.name_of(profile_id), jobs, rules))
            return
        whose = f"of {jobs} {'job' if jobs == 1 else 'jobs'}"
        if self._profiles.get(profile_id or "") is None:
            self._show(
                Warned(
                    f"The storage profile {profile_id} {whose} is not there any more, or not allowed for the queue. Their "
                    "files are not downloaded."
                )
            )
            return
        self._show(
            Warned(
                f"The storage profiles {self.name_of(profile_id)} {whose} and {self._local['displayName']} "
                f"({self._local['storageProfileId']}) of this machine have no file system location of the same name. The "
                "jobs' files are not downloaded."
            )
        )


def get_local_profile(service: QueueService, profile_id: str, *, from_option: bool) -> Mapping[str, Any]:
    """The storage profile of this machine.

    Raises:
        DeadlineOperationError: There is none with that id, or the service refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if not profile_id:
        raise DeadlineOperationError(
            "Which storage profile does this machine have? It says where files of other machines belong on this one. Name it "
            "with --storage-profile-id, or for good with: deadline config set settings.storage_profile_id <id>\nWith "
            "--ignore-storage-profiles, files go to the paths that the jobs were submitted with."
        )
    try:
        return service.get_storage_profile(profile_id)
    except (BotoCoreError, ClientError) as error:
        source = "the option --storage-profile-id" if from_option else "the setting settings.storage_profile_id"
        with described_errors(
            f"get storage profile {profile_id}, which {source} names",
            farm_id=service.farm_id,
            queue_id=service.queue_id,
            storage_profile_id=profile_id,
        ):
            raise error


def location_problems(profile: Mapping[str, Any], is_usable: Callable[[str], bool]) -> List[str]:
    """A sentence for each place of a profile where nothing can be written on this machine."""
    return [
        f"{location['path']}, which is {location['name']} of storage profile {profile['displayName']}, is no folder in which "
        "you may write on this machine. What belongs there may fail to be downloaded."
        for location in profile.get("fileSystemLocations") or ()
        if not is_usable(location["path"])
    ]
