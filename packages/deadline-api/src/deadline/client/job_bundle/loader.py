"""Reading the files of a job bundle.

A job bundle is a folder with a ``template`` and optionally ``parameter_values`` and ``asset_references``, each as
``.yaml`` or ``.json`` in UTF-8. Every error names the file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ._yaml import load_yaml

FILE_TYPES = (("JSON", ".json"), ("YAML", ".yaml"))


def is_job_bundle_dir(path: str) -> bool:
    """Whether ``path`` is a folder with a job template."""
    return any(Path(path, f"template{suffix}").is_file() for _, suffix in FILE_TYPES)


def read_yaml_or_json(job_bundle_dir: str, filename: str, required: bool) -> Tuple[str, str]:
    """The text of a file of a bundle, and whether it is ``JSON`` or ``YAML``.

    Args:
        job_bundle_dir: The bundle.
        filename: The name of the file without its ending, such as ``template``.
        required: Whether the bundle needs the file; otherwise two empty texts are returned where it is missing.

    Raises:
        DeadlineOperationError: The file is missing, there twice, or cannot be read.
    """
    found = [(type_, path) for type_, path in _candidates(job_bundle_dir, filename) if path.is_file()]
    if len(found) > 1:
        raise DeadlineOperationError(
            f"The job bundle {job_bundle_dir} has both {filename}.json and {filename}.yaml; remove one of them."
        )
    if not found:
        if not required:
            return "", ""
        if not os.path.isdir(job_bundle_dir):
            raise _no_folder(job_bundle_dir)
        raise DeadlineOperationError(
            f"The folder {job_bundle_dir} is not a job bundle: it has neither {filename}.yaml nor {filename}.json."
        )
    ((file_type, path),) = found
    try:
        # Editors on Windows like to begin a file with a byte order mark.
        return path.read_text(encoding="utf-8-sig"), file_type
    except OSError as error:
        raise DeadlineOperationError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DeadlineOperationError(f"{path} is not UTF-8 text (line {line}). Save it again as UTF-8.") from error


def parse_yaml_or_json_content(file_contents: str, file_type: str, bundle_dir: str, filename: str) -> Any:
    """The value in the text of a file.

    Raises:
        DeadlineOperationError: The text is not of the type it should be.
    """
    try:
        return _parse(file_contents, file_type)
    except ValueError as error:
        path = os.path.join(bundle_dir, f"{filename}.{file_type.lower()}")
        raise DeadlineOperationError(f"{path} is not valid {file_type}: {error}") from error


def read_yaml_or_json_object(bundle_dir: str, filename: str, required: bool) -> Any:
    """The value in a file of a bundle, or ``None`` where the file is empty or, if not required, missing.

    Raises:
        DeadlineOperationError: As of :func:`read_yaml_or_json` and :func:`parse_yaml_or_json_content`.
    """
    text, file_type = read_yaml_or_json(bundle_dir, filename, required)
    if not text.strip():
        return None
    return parse_yaml_or_json_content(text, file_type, bundle_dir, filename)


def validate_directory_symlink_containment(job_bundle_dir: str) -> None:
    """Raise :class:`DeadlineOperationError` where something in a bundle is a link that leads out of it.

    A bundle from elsewhere could otherwise name any file of the user's as its own.
    """
    root = Path(job_bundle_dir).resolve()
    if not root.is_dir():
        raise _no_folder(job_bundle_dir)
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(folder, name)
            if not path.is_symlink():
                continue
            target = Path(os.path.realpath(path))
            if root != target and root not in target.parents:
                raise DeadlineOperationError(
                    f"The job bundle {job_bundle_dir} has a link that leads out of it: {path} points to {target}. "
                    "Replace it by what it points to, or refer to that by its own path."
                )


def path_of(bundle_dir: str, name: str) -> str:
    """The path of a file of a bundle that exists in one of two forms; without an ending where it exists in none."""
    found = (str(path) for _, path in _candidates(bundle_dir, name) if path.is_file())
    return next(found, os.path.join(bundle_dir, name))


def _no_folder(path: str) -> DeadlineOperationError:
    """The error for a path that is no folder, and so no bundle."""
    if not path:
        return DeadlineOperationError("Which job bundle? The path that was given is empty.")
    if os.path.lexists(path):
        return DeadlineOperationError(
            f"There is no job bundle {path}: it is not a folder, nor an archive whose name ends in .ojd."
        )
    import difflib

    parent, name = os.path.split(os.path.abspath(path))
    try:
        close = difflib.get_close_matches(name, os.listdir(parent), n=1)
    except OSError:
        close = []
    if close:
        hint = f"Did you mean {os.path.join(os.path.dirname(path), close[0])}?"
    else:
        hint = "Check its path; `deadline bundle list FOLDER` lists the bundles of a folder."
    return DeadlineOperationError(f"There is no job bundle {path}: there is no such folder. {hint}")


def _candidates(folder: str, name: str) -> list[tuple[str, Path]]:
    return [(type_, Path(folder, f"{name}{suffix}")) for type_, suffix in FILE_TYPES]


def _parse(text: str, file_type: str) -> Any:
    if file_type == "JSON":
        try:
            return json.loads(text)
        except RecursionError as error:
            raise ValueError("its values are nested too deeply") from error
    if file_type == "YAML":
        return load_yaml(text)
    raise RuntimeError(f"{file_type} is neither JSON nor YAML.")
