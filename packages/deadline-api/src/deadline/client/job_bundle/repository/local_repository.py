"""Job bundles on this machine: folders with a template, and archives beside them."""

from __future__ import annotations

import logging
import os
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Dict, List, Optional

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

from ..loader import is_job_bundle_dir, read_yaml_or_json_object
from .bundle_files import read_archive_info, read_archived_object, read_folder_info
from .cache import CachedBundle
from .entries import BrowseEntry
from .extraction import open_archive
from .info import BundleInfo
from .names import ARCHIVE_SUFFIX, without_archive_suffix

logger = logging.getLogger(__name__)


class LocalBundleRepository:
    """The job bundles below a folder.

    Args:
        root: The folder; the user's home where left out.
        include_archives: Whether archives are listed too.
    """

    def __init__(self, root: str = "", include_archives: bool = True) -> None:
        self._root = os.path.abspath(os.path.expanduser(root or "~"))
        self._include_archives = include_archives

    def root_path(self) -> str:
        """The folder as an absolute path."""
        return self._root

    def list_entries(self, path: str = "") -> List[BrowseEntry]:
        """The folders and archives directly in a folder, in the order of their names; none where it cannot be read.

        Links are passed over. An archive is known by its ending alone.
        """
        entries = []
        try:
            with os.scandir(path or self._root) as found:
                for item in found:
                    if item.is_dir(follow_symlinks=False):
                        entries.append(BrowseEntry(item.name, item.path, is_job_bundle_dir(item.path)))
                    elif self._include_archives and _is_archive(item.name) and item.is_file(follow_symlinks=False):
                        name = without_archive_suffix(item.name)
                        entries.append(BrowseEntry(name, item.path, is_bundle=True, is_archive=True))
        except OSError as error:
            logger.info("%s cannot be listed: %s", path or self._root, error)
            return []
        return sorted(entries, key=lambda entry: (entry.name, entry.path))

    def get_bundle_info(self, path: str) -> Optional[BundleInfo]:
        """What is known about a bundle, or ``None`` where it cannot be read; see :meth:`read_bundle_info`."""
        try:
            return self.read_bundle_info(path)
        except DeadlineOperationError as error:
            logger.info("%s cannot be read: %s", path, error)
            return None

    def read_bundle_info(self, path: str) -> BundleInfo:
        """What is known about a bundle by its template and its parameter values.

        Raises:
            DeadlineOperationError: They cannot be read.
        """
        return read_folder_info(path, path) if os.path.isdir(path) else read_archive_info(path, path)

    def extract_bundle(self, path: str) -> str:
        """A folder with the bundle of an archive: the one in the cache while archive and folder have the same content.

        Raises:
            DeadlineOperationError: The archive cannot be used, or the cache not be written.
        """
        path = os.path.abspath(path)
        cached = CachedBundle(path, without_archive_suffix(os.path.basename(path)))
        with open_archive(path, path) as archive:
            return cached.find_content(archive.digest) or cached.unpack(archive)

    def read_parameter_values(self, path: str) -> List[Dict[str, Any]]:
        """The entries of a bundle's ``parameter_values`` file, each with ``name`` and ``value``; none without a file.

        Raises:
            DeadlineOperationError: The file cannot be read.
        """
        if os.path.isdir(path):
            content = read_yaml_or_json_object(path, "parameter_values", required=False)
        else:
            with open_archive(path, path) as archive:
                content = read_archived_object(archive, "parameter_values", path)
        entries = content.get("parameterValues") if isinstance(content, dict) else None
        return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def find_local_bundle(name: str, config: Optional[ConfigParser] = None) -> str:
    """The path of a bundle that a user names: by a path, or by its name in the working directory or the default folder.

    Args:
        name: The path of a folder or an archive, or a name.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: There is no such bundle.
    """
    folders = [os.getcwd(), default_bundle_folder(config)]
    for folder in folders:
        for candidate in (name, f"{name}{ARCHIVE_SUFFIX}"):
            path = Path(folder, os.path.expanduser(candidate))
            if is_job_bundle_dir(str(path)) or (_is_archive(path.name) and path.is_file()):
                return str(path)
    raise DeadlineOperationError(
        f"There is no job bundle {name!r}: it is no folder with a template.yaml or template.json, no file that ends in "
        f"{ARCHIVE_SUFFIX}, and no such thing stands in {' or '.join(dict.fromkeys(folders))}.\n"
        "`deadline bundle list FOLDER` lists those of a folder."
    )


def default_bundle_folder(config: Optional[ConfigParser] = None) -> str:
    """The folder in which the user keeps job bundles: ``settings.job_bundle_default_directory``, else their home."""
    return os.path.abspath(os.path.expanduser(get_setting("settings.job_bundle_default_directory", config) or "~"))


def _is_archive(name: str) -> bool:
    return name.endswith(ARCHIVE_SUFFIX) and name != ARCHIVE_SUFFIX
