"""What every version of a manifest has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, List

from .hash_algorithms import HashAlgorithm
from .versions import ManifestVersion


@dataclass(eq=False)
class BaseManifestPath(ABC):
    """A file of a manifest: its path below the asset root, and its content's hash and size.

    ``mtime`` is in microseconds since the epoch.
    """

    # A manifest may list a million files; without a dictionary each takes half the memory.
    __slots__ = ("hash", "mtime", "path", "size")

    path: str
    hash: str
    size: int
    mtime: int
    manifest_version: ClassVar[ManifestVersion] = ManifestVersion.UNDEFINED

    def __init__(self, *, path: str, hash: str, size: int, mtime: int) -> None:  # noqa: A002 (the format's word)
        self.path = path
        self.hash = hash
        self.size = size
        self.mtime = mtime

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseManifestPath) or self.manifest_version != other.manifest_version:
            return NotImplemented
        return (self.path, self.hash, self.size, self.mtime) == (other.path, other.hash, other.size, other.mtime)

    __hash__ = None  # type: ignore[assignment]


class BaseAssetManifest(ABC):
    """The files below an asset root."""

    hashAlg: HashAlgorithm
    paths: List[BaseManifestPath]
    manifestVersion: ManifestVersion = ManifestVersion.UNDEFINED
    totalSize: int = 0

    def __init__(self, *, paths: List[Any], hash_alg: HashAlgorithm) -> None:
        self.paths = paths
        self.hashAlg = hash_alg

    @classmethod
    @abstractmethod
    def get_default_hash_alg(cls) -> HashAlgorithm:
        """The algorithm of hashes where nobody chose one."""

    @classmethod
    @abstractmethod
    def decode(cls, *, manifest_data: Dict[str, Any]) -> BaseAssetManifest:
        """A manifest from its parsed JSON."""

    @abstractmethod
    def encode(self) -> str:
        """The canonical text of the manifest."""
