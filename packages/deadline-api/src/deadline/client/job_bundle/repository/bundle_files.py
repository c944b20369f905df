"""What is known about a bundle by the files in its folder or archive."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, Any, Dict, Optional, Union

from ..loader import parse_yaml_or_json_content, read_yaml_or_json_object
from .extraction import BundleArchive, open_archive
from .info import BundleInfo, extract_bundle_info
from .metadata import build_bundle_metadata


def read_folder_info(folder: str, path: str, size_bytes: Optional[int] = None) -> BundleInfo:
    """What is known about a bundle by its folder.

    Args:
        folder: The folder.
        path: Where the bundle is, as :class:`~.info.BundleInfo` says it.
        size_bytes: The bytes of its archive, where it has one.

    Raises:
        DeadlineOperationError: Its template or its parameter values cannot be read.
    """
    template = read_yaml_or_json_object(folder, "template", required=True)
    values = read_yaml_or_json_object(folder, "parameter_values", required=False)
    return replace(extract_bundle_info(template, path, values), size_bytes=size_bytes)


def read_archive_info(source: Union[str, IO[bytes]], path: str) -> BundleInfo:
    """What is known about a bundle by its archive.

    Args:
        source: The path of the archive, or the archive as an open file.
        path: Where the bundle is, as :class:`~.info.BundleInfo` says it.

    Raises:
        DeadlineOperationError: The archive, or a file in it, cannot be used.
    """
    with open_archive(source, path) as archive:
        template = read_archived_object(archive, "template", path)
        values = read_archived_object(archive, "parameter_values", path)
        return replace(extract_bundle_info(template, path, values), size_bytes=archive.size)


def metadata_of_archive(source: IO[bytes], path: str) -> Dict[str, str]:
    """The metadata of an archive that is an open file, which is at its beginning afterwards; see :mod:`.metadata`."""
    metadata = build_bundle_metadata(bundle_info=read_archive_info(source, path))
    source.seek(0)
    return metadata


def read_archived_object(archive: BundleArchive, name: str, where: str) -> Any:
    """The value in a file of an archive, such as its ``template``; ``None`` where it is empty or missing.

    Raises:
        DeadlineOperationError: The file is not well formed.
    """
    found = archive.read_text(name)
    if found is None or not found[0].strip():
        return None
    text, file_name = found
    file_type = file_name.rpartition(".")[2].upper()
    return parse_yaml_or_json_content(text, file_type, where, name)
