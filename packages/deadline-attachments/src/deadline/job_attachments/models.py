"""The values of job attachments: storage profiles, asset roots, manifests' properties, settings, mapping rules.

Several of them travel as JSON in the service's API (CreateJob, GetQueue, GetStorageProfileForQueue); their member names
are the service's.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

from ._s3_settings import (
    S3_DATA_FOLDER_NAME,
    S3_INPUT_MANIFEST_FOLDER_NAME,
    S3_MANIFEST_FOLDER_NAME,
    JobAttachmentS3Settings,
)
from .asset_manifests.base_manifest import BaseAssetManifest, BaseManifestPath
from .asset_manifests.hash_algorithms import HashAlgorithm, hash_data

__all__ = [
    "S3_DATA_FOLDER_NAME",
    "S3_INPUT_MANIFEST_FOLDER_NAME",
    "S3_MANIFEST_FOLDER_NAME",
    "AssetRootGroup",
    "AssetRootManifest",
    "AssetType",
    "AssetUploadGroup",
    "Attachments",
    "FileConflictResolution",
    "FileStatus",
    "FileSystemLocation",
    "FileSystemLocationType",
    "Fleet",
    "GlobConfig",
    "Job",
    "JobAttachmentS3Settings",
    "JobAttachmentsFileSystem",
    "ManifestDiff",
    "ManifestDownload",
    "ManifestDownloadResponse",
    "ManifestMerge",
    "ManifestPathGroup",
    "ManifestProperties",
    "ManifestSnapshot",
    "OutputFile",
    "PathFormat",
    "PathMappingRule",
    "Queue",
    "StorageProfile",
    "StorageProfileOperatingSystemFamily",
    "UploadManifestInfo",
    "default_glob_all",
]


class StorageProfileOperatingSystemFamily(str, Enum):
    """The operating systems of storage profiles."""

    WINDOWS = "windows"
    LINUX = "linux"
    MACOS = "macos"

    @classmethod
    def _missing_(cls, value: object) -> Optional[StorageProfileOperatingSystemFamily]:
        # The service answers in capitals.
        return next((member for member in cls if isinstance(value, str) and member.value == value.lower()), None)

    @classmethod
    def get_host_os_family(cls) -> StorageProfileOperatingSystemFamily:
        """The family of this machine; raises :class:`NotImplementedError` where it has none."""
        families = {"win32": cls.WINDOWS, "linux": cls.LINUX, "darwin": cls.MACOS}
        if sys.platform not in families:
            raise NotImplementedError(f"Storage profiles know no operating system such as {sys.platform}.")
        return families[sys.platform]


class PathFormat(str, Enum):
    """How a path is written."""

    WINDOWS = "windows"
    POSIX = "posix"

    @classmethod
    def get_host_path_format(cls) -> PathFormat:
        """The format of this machine's paths."""
        return cls.WINDOWS if sys.platform == "win32" else cls.POSIX

    @classmethod
    def get_host_path_format_string(cls) -> str:
        """The format of this machine's paths, as text."""
        return cls.get_host_path_format().value


class JobAttachmentsFileSystem(str, Enum):
    """How a worker provides a job's files: copied before the job starts, or fetched on first access."""

    COPIED = "COPIED"
    VIRTUAL = "VIRTUAL"


class AssetType(str, Enum):
    """Which manifests are meant."""

    INPUT = "input"
    OUTPUT = "output"
    ALL = "all"


class FileSystemLocationType(str, Enum):
    """Whether workers see a location themselves (SHARED), or its files have to be uploaded (LOCAL)."""

    SHARED = "SHARED"
    LOCAL = "LOCAL"


class FileConflictResolution(Enum):
    """What happens when a file to be written exists already."""

    NOT_SELECTED = 0
    SKIP = 1
    OVERWRITE = 2
    CREATE_COPY = 3


class FileStatus(Enum):
    """What became of a file since a manifest was made."""

    UNCHANGED = 0
    NEW = 1
    MODIFIED = 2
    DELETED = 3


@dataclass
class AssetRootManifest:
    """An asset root with the manifest of its inputs (``None`` without inputs) and its output directories."""

    file_system_location_name: Optional[str] = None
    root_path: str = ""
    asset_manifest: Optional[BaseAssetManifest] = None
    outputs: List[Path] = field(default_factory=list)


@dataclass
class AssetRootGroup:
    """The paths of a job that share an asset root."""

    file_system_location_name: Optional[str] = None
    root_path: str = ""
    inputs: Set[Path] = field(default_factory=set)
    outputs: Set[Path] = field(default_factory=set)
    references: Set[Path] = field(default_factory=set)


@dataclass
class AssetUploadGroup:
    """All asset roots of a job, with the number and the bytes of its input files."""

    asset_groups: List[AssetRootGroup] = field(default_factory=list)
    known_asset_paths: List[Path] = field(default_factory=list)
    total_input_files: int = 0
    total_input_bytes: int = 0


@dataclass
class ManifestPathGroup:
    """Files of one or more manifests, by the algorithm of their hashes."""

    total_bytes: int = 0
    files_by_hash_alg: Dict[HashAlgorithm, List[BaseManifestPath]] = field(default_factory=dict)

    def add_manifest_to_group(self, manifest: BaseAssetManifest) -> None:
        """Add the files of ``manifest``, which itself stays as it is."""
        self.files_by_hash_alg.setdefault(manifest.hashAlg, []).extend(manifest.paths)
        self.total_bytes += manifest.totalSize

    def combine_with_group(self, group: ManifestPathGroup) -> None:
        """Add the files of ``group``, which itself stays as it is."""
        for hash_alg, paths in group.files_by_hash_alg.items():
            self.files_by_hash_alg.setdefault(hash_alg, []).extend(paths)
        self.total_bytes += group.total_bytes

    def get_all_paths(self) -> List[str]:
        """The relative paths of all files, sorted."""
        return sorted(path.path for paths in self.files_by_hash_alg.values() for path in paths)


@dataclass
class OutputFile:
    """A file that a task wrote."""

    file_size: int
    file_hash: str
    rel_path: str
    full_path: str
    s3_key: str
    in_s3: bool
    base_dir: Optional[str]


@dataclass
class ManifestProperties:
    """An asset root as a job describes it; member names as in CreateJob's ``attachments.manifests``."""

    rootPath: str
    rootPathFormat: PathFormat
    fileSystemLocationName: Optional[str] = None
    inputManifestPath: Optional[str] = None
    inputManifestHash: Optional[str] = None
    outputRelativeDirectories: Optional[List[str]] = None

    def to_dict(self) -> Dict[str, Any]:
        """The members for CreateJob; those without a value are left out."""
        result: Dict[str, Any] = {"rootPath": self.rootPath}
        if self.fileSystemLocationName:
            result["fileSystemLocationName"] = self.fileSystemLocationName
        result["rootPathFormat"] = PathFormat(self.rootPathFormat).value
        for name in ("inputManifestPath", "inputManifestHash", "outputRelativeDirectories"):
            if getattr(self, name):
                result[name] = getattr(self, name)
        return result

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> ManifestProperties:
        """From the members of GetJob.

        Raises :class:`KeyError` without a root path or format and :class:`ValueError` for an unknown format.
        """
        return cls(
            rootPath=data["rootPath"],
            rootPathFormat=PathFormat(data["rootPathFormat"]),
            fileSystemLocationName=data.get("fileSystemLocationName"),
            inputManifestPath=data.get("inputManifestPath"),
            inputManifestHash=data.get("inputManifestHash"),
            outputRelativeDirectories=data.get("outputRelativeDirectories"),
        )

    def as_output_metadata(self) -> Dict[str, Dict[str, str]]:
        """The S3 metadata of an output manifest of this root, as an extra argument of an upload.

        Metadata is ASCII: a root that is not stands in ``asset-root-json`` too, as a JSON string.
        """
        metadata = asset_root_metadata(self.rootPath)
        if self.fileSystemLocationName:
            metadata["file-system-location-name"] = self.fileSystemLocationName
        return {"Metadata": metadata}


def asset_root_metadata(root_path: str) -> Dict[str, str]:
    """The S3 metadata that names an asset root."""
    if root_path.isascii():
        return {"asset-root": root_path}
    encoded = json.dumps(root_path)
    return {"asset-root": encoded, "asset-root-json": encoded}


@dataclass
class Attachments:
    """The attachments of a job, as in CreateJob."""

    manifests: List[ManifestProperties] = field(default_factory=list)
    fileSystem: str = JobAttachmentsFileSystem.COPIED.value

    def to_dict(self) -> Dict[str, Any]:
        """The members for CreateJob."""
        return {"manifests": [manifest.to_dict() for manifest in self.manifests], "fileSystem": self.fileSystem}


@dataclass
class Fleet:
    """A fleet, with its priority within a queue."""

    fleetId: str
    priority: int


@dataclass
class Queue:
    """A queue, as far as its attachments need it."""

    queueId: str
    displayName: str
    farmId: str
    status: str
    defaultBudgetAction: str
    jobAttachmentSettings: Optional[JobAttachmentS3Settings] = None


@dataclass
class Job:
    """A job, as far as its attachments need it."""

    jobId: str
    attachments: Optional[Attachments] = None


@dataclass
class FileSystemLocation:
    """A named place of a storage profile."""

    name: str
    path: str
    type: FileSystemLocationType

    def to_dict(self) -> Dict[str, Any]:
        """The members of the service."""
        return {"name": self.name, "path": self.path, "type": FileSystemLocationType(self.type).value}


@dataclass
class StorageProfile:
    """Where a kind of machine finds the places that others know by the same names."""

    storageProfileId: str
    displayName: str
    osFamily: StorageProfileOperatingSystemFamily
    fileSystemLocations: List[FileSystemLocation] = field(default_factory=list)

    def to_dict(self) -> Dict[str, Any]:
        """The members of the service."""
        return {
            "storageProfileId": self.storageProfileId,
            "displayName": self.displayName,
            "osFamily": StorageProfileOperatingSystemFamily(self.osFamily).value,
            "fileSystemLocations": [location.to_dict() for location in self.fileSystemLocations],
        }


def default_glob_all() -> List[str]:
    """The patterns that match everything."""
    return ["**/*"]


@dataclass
class GlobConfig:
    """Which files are meant, by patterns."""

    INCLUDE = "include"
    EXCLUDE = "exclude"

    include_glob: List[str] = field(default_factory=default_glob_all)
    exclude_glob: List[str] = field(default_factory=list)


@dataclass
class ManifestSnapshot:
    """A manifest file that was made of a root; ``manifest`` is its path."""

    root: str
    manifest: str


@dataclass
class ManifestDiff:
    """Root-relative paths by what became of them since a manifest was made."""

    new: List[str] = field(default_factory=list)
    modified: List[str] = field(default_factory=list)
    deleted: List[str] = field(default_factory=list)


@dataclass
class ManifestDownload:
    """A manifest file that was downloaded."""

    manifest_root: str = ""
    local_manifest_path: str = ""


@dataclass
class ManifestMerge:
    """A manifest file that was made by merging others."""

    manifest_root: str = ""
    local_manifest_path: str = ""


@dataclass
class ManifestDownloadResponse:
    """The manifest files that were downloaded."""

    downloaded: List[ManifestDownload] = field(default_factory=list)


@dataclass(init=False)
class PathMappingRule:
    """Where a path of the submitting machine is on this one; the members are those of the session runtime."""

    source_path_format: str
    source_path: str
    destination_path: str

    def __init__(self, source_path_format: str, source_path: str, destination_path: str, **unknown: Any) -> None:
        """From the members of a rule, of which whoever wrote it may know more than are known here."""
        self.source_path_format = source_path_format
        self.source_path = source_path
        self.destination_path = destination_path

    def get_hashed_source_path(self, hash_alg: HashAlgorithm) -> str:
        """The hash of the source path, by which manifest files are told apart."""
        return hash_data(self.source_path.encode("utf-8"), hash_alg)


@dataclass
class UploadManifestInfo:
    """An output manifest that was uploaded; travels as JSON between a worker's processes."""

    output_manifest_path: str
    output_manifest_hash: str
    source_path: Optional[str] = None
