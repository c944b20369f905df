"""A worker's side: an asset root's place on the worker, and the manifests of what has to be there.

A session has a folder for each root that no storage profile maps. Before its tasks run, the input manifests of the job
and the output manifests of the steps it depends on are merged by root and written to files; the files that they name
are then brought into place.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any, Dict, List, Optional

from ._aws.aws_clients import get_boto3_session
from ._utils import _get_unique_dest_dir_name
from .asset_manifests import (
    BaseAssetManifest,
    BaseManifestModel,
    HashAlgorithm,
    ManifestModelRegistry,
    ManifestVersion,
    hash_data,
)
from .download import get_manifest_from_s3, get_output_manifests_by_asset_root
from .exceptions import AssetSyncError
from .models import Attachments, JobAttachmentS3Settings, ManifestProperties, PathFormat, PathMappingRule
from .output_manifests import merge_asset_manifests
from .upload import S3AssetUploader


class _SessionLogger(logging.LoggerAdapter):  # type: ignore[type-arg]
    """Marks each record with the session, so that a worker can send it to the session's log."""


class AssetSync:
    """Job attachments of one session on a worker."""

    def __init__(
        self,
        farm_id: str,
        boto3_session: Any = None,
        manifest_version: ManifestVersion = ManifestVersion.v2023_03_03,
        deadline_endpoint_url: Optional[str] = None,
        session_id: Optional[str] = None,
        s3_max_pool_connections: int = 50,
        small_file_threshold_multiplier: int = 20,
    ) -> None:
        """``boto3_session`` has the credentials of the queue's role."""
        self.farm_id = farm_id
        self.session = boto3_session or get_boto3_session()
        self.deadline_endpoint_url = deadline_endpoint_url
        logger = logging.getLogger("deadline.job_attachments")
        self.logger: Any = _SessionLogger(logger, {"session_id": session_id}) if session_id else logger
        self.s3_uploader = S3AssetUploader(
            self.session,
            s3_max_pool_connections=s3_max_pool_connections,
            small_file_threshold_multiplier=small_file_threshold_multiplier,
        )
        self.manifest_model: type[BaseManifestModel] = ManifestModelRegistry.get_manifest_model(
            version=manifest_version
        )
        self.hash_alg: HashAlgorithm = self.manifest_model.AssetManifest.get_default_hash_alg()

    @staticmethod
    def generate_dynamic_path_mapping(session_dir: Path, attachments: Attachments) -> Dict[str, PathMappingRule]:
        """For each root that no storage profile maps: the rule from it to its folder below ``session_dir``."""
        return {
            manifest.rootPath: PathMappingRule(
                source_path_format=PathFormat(manifest.rootPathFormat).value,
                source_path=manifest.rootPath,
                destination_path=str(Path(session_dir, _get_unique_dest_dir_name(manifest.rootPath))),
            )
            for manifest in attachments.manifests
            if not manifest.fileSystemLocationName
        }

    @staticmethod
    def get_local_destination(
        manifest_properties: ManifestProperties,
        dynamic_mapping_rules: Optional[Dict[str, PathMappingRule]] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
    ) -> str:
        """The folder of a root on this worker; raises :class:`AssetSyncError` when no rule names one."""
        root = manifest_properties.rootPath
        if manifest_properties.fileSystemLocationName:
            destination = (storage_profiles_path_mapping_rules or {}).get(root)
            if destination:
                return destination
            raise AssetSyncError(
                f"No path mapping rule of the storage profile leads from {root} (file system location "
                f"{manifest_properties.fileSystemLocationName}) to a folder of this worker."
            )
        rule = (dynamic_mapping_rules or {}).get(root)
        if rule is None:
            raise AssetSyncError(f"No path mapping rule leads from {root} to a folder of this session.")
        return rule.destination_path

    def _aggregate_asset_root_manifests(
        self,
        session_dir: Path,
        s3_settings: JobAttachmentS3Settings,
        queue_id: str,
        job_id: str,
        attachments: Attachments,
        step_dependencies: Optional[List[str]] = None,
        dynamic_mapping_rules: Optional[Dict[str, PathMappingRule]] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
    ) -> Dict[str, BaseAssetManifest]:
        """What has to be in each local folder: the job's inputs or, with step dependencies, what those steps wrote."""
        local_roots = {
            manifest.rootPath: self.get_local_destination(
                manifest, dynamic_mapping_rules, storage_profiles_path_mapping_rules
            )
            for manifest in attachments.manifests
        }
        manifests: Dict[str, List[BaseAssetManifest]] = {}
        if step_dependencies:
            for step_id in step_dependencies:
                found = get_output_manifests_by_asset_root(
                    s3_settings, self.farm_id, queue_id, job_id, step_id=step_id, session=self.session
                )
                for root, outputs in found.items():
                    local = local_roots.get(root) or str(Path(session_dir, _get_unique_dest_dir_name(root)))
                    manifests.setdefault(local, []).extend(outputs)
        else:
            for properties in attachments.manifests:
                if properties.inputManifestPath:
                    key = s3_settings.add_root_and_manifest_folder_prefix(properties.inputManifestPath)
                    manifest = get_manifest_from_s3(key, s3_settings.s3BucketName, self.session)
                    manifests.setdefault(local_roots[properties.rootPath], []).append(manifest)
        merged = {local: merge_asset_manifests(entries) for local, entries in manifests.items()}
        return {local: manifest for local, manifest in merged.items() if manifest is not None}

    def _check_and_write_local_manifests(
        self,
        merged_manifests_by_root: Dict[str, BaseAssetManifest],
        manifest_write_dir: str,
        manifest_name_suffix: str = "manifest",
    ) -> Dict[str, str]:
        """Write each manifest to a file; the files by local folder.

        Raises :class:`AssetSyncError` when the disk of ``manifest_write_dir`` has no room for the manifests' files.
        """
        needed = sum(manifest.totalSize for manifest in merged_manifests_by_root.values())
        free = shutil.disk_usage(manifest_write_dir).free
        if needed > free:
            raise AssetSyncError(
                f"The job's files need {needed} bytes, and the disk of {manifest_write_dir} has only {free} left."
            )
        folder = Path(manifest_write_dir, "manifests")
        folder.mkdir(parents=True, exist_ok=True)
        written = {}
        for root, manifest in merged_manifests_by_root.items():
            name = f"{hash_data(root.encode(), HashAlgorithm.XXH128)}_{manifest_name_suffix}"
            path = folder / name
            path.write_text(manifest.encode(), encoding="utf-8")
            written[root] = path.as_posix()
        return written
