"""Where the files of a job belong on this machine, by the storage profiles of both."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Collection, List, Mapping, Optional, Tuple

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments._incremental_downloads.local_paths import Containments, Localizer, LocalManifestPath
from deadline.job_attachments.asset_manifests import HashAlgorithm
from deadline.job_attachments.asset_manifests.v2023_03_03 import ManifestPath
from deadline.job_attachments.models import ManifestPathGroup
from deadline.job_attachments.path_mapping import PathMappingRuleApplier, generate_path_mapping_rules

from .job_download import Groups
from .service_client import described_errors


@dataclass(frozen=True)
class JobPathMapping:
    """How paths of a job are mapped to this machine; ``applier`` is ``None`` where they are not."""

    applier: Optional[PathMappingRuleApplier] = None
    warnings: Tuple[str, ...] = ()
    notes: Tuple[str, ...] = ()


def find_job_path_mapping(
    client: Any, farm_id: str, queue_id: str, job: Mapping[str, Any], config: Optional[ConfigParser], *, ignored: bool
) -> JobPathMapping:
    """How paths of a job are mapped by its storage profile and the one in the settings.

    Args:
        client: The Deadline Cloud client of the farm.
        farm_id: The farm.
        queue_id: The queue.
        job: The answer of GetJob.
        config: A configuration to read from instead of the settings file.
        ignored: Whether storage profiles are of no interest.

    Raises:
        DeadlineOperationError: The service refused.
    """
    ours, theirs = get_setting("settings.storage_profile_id", config), job.get("storageProfileId")
    if ignored or ours == theirs or not (ours or theirs):
        return JobPathMapping()
    if not ours:
        return _unmapped(
            f"The job was submitted with the storage profile {theirs}, and this machine has none. Its files go to the paths "
            "that it was submitted with. Name the profile of this machine with `deadline config set "
            "settings.storage_profile_id <id>` to have them mapped, or ignore profiles with --ignore-storage-profiles."
        )
    if not theirs:
        return _unmapped(
            "The job was submitted without a storage profile. Its files go to the paths that it was submitted with."
        )
    profiles = []
    for profile_id in (ours, theirs):
        context = {"farm_id": farm_id, "queue_id": queue_id, "storage_profile_id": profile_id, "config": config}
        with described_errors(f"get storage profile {profile_id}", **context):
            profiles.append(
                client.get_storage_profile_for_queue(farmId=farm_id, queueId=queue_id, storageProfileId=profile_id)
            )
    local, source = profiles
    rules = generate_path_mapping_rules(source, local)
    if not rules:
        return _unmapped(
            f"The storage profiles {source['displayName']} of the job and {local['displayName']} of this machine have no "
            "file system location of the same name. The job's files go to the paths that it was submitted with."
        )
    return JobPathMapping(
        PathMappingRuleApplier(rules), notes=(f"Paths are mapped to the storage profile {local['displayName']}.",)
    )


def map_files(groups: Groups, applier: PathMappingRuleApplier, declared: Collection[str]) -> Tuple[Groups, List[str]]:
    """The files by the folders of this machine to which rules lead, and the paths of those to which none does.

    Args:
        groups: Files by their asset roots.
        applier: Of the rules.
        declared: Asset roots that the job has; files of others stay where they say, for somebody to confirm that.

    Raises:
        DeadlineOperationError: There are files, and none has a place on this machine.
    """
    containments = Containments()
    mapped: Groups = {}
    unmapped: List[str] = []
    for root, group in groups.items():
        if root not in declared:
            mapped[root] = group
            continue
        localizer = Localizer(root, applier, containments)
        for algorithm, files in group.files_by_hash_alg.items():
            placed, without_place = localizer.localize(files)
            unmapped += without_place
            for file in placed:
                _add(mapped, algorithm, file)
    if groups and not mapped:
        raise DeadlineOperationError(
            f"None of the job's {len(unmapped)} files has a place on this machine, such as {unmapped[0]}: no file system "
            "location of the storage profiles leads there. To choose folders for them, ignore the profiles with "
            "--ignore-storage-profiles."
        )
    return mapped, unmapped


def map_roots(groups: Groups, applier: PathMappingRuleApplier) -> Groups:
    """The files by the folders of this machine that their asset roots are; a root to which no rule leads stays."""
    mapped: Groups = {}
    for root, group in groups.items():
        mapped.setdefault(str(applier.transform(root)), ManifestPathGroup()).combine_with_group(group)
    return mapped


def _unmapped(warning: str) -> JobPathMapping:
    return JobPathMapping(warnings=(warning,))


def _add(groups: Groups, algorithm: HashAlgorithm, file: LocalManifestPath) -> None:
    path = Path(file.path).relative_to(file.folder).as_posix()
    group = groups.setdefault(file.folder, ManifestPathGroup())
    group.files_by_hash_alg.setdefault(algorithm, []).append(
        ManifestPath(path=path, hash=file.hash, size=file.size, mtime=file.mtime)
    )
    group.total_bytes += file.size
