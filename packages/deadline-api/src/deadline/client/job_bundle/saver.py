"""Writing the files of a job bundle."""

from __future__ import annotations

import contextlib
import json
import uuid
from pathlib import Path
from typing import Any

from ._yaml import deadline_yaml_dump


def save_yaml_or_json_to_file(bundle_dir: str, filename: str, file_type: str, data: Any) -> None:
    """Write ``data`` as ``<filename>.yaml`` or ``<filename>.json`` into a bundle: wholly, or not at all.

    Args:
        bundle_dir: The bundle, a folder that exists.
        filename: The name of the file without its ending.
        file_type: ``YAML`` or ``JSON``.
        data: Plain values.
    """
    text = _text_of(data, file_type)
    target = Path(bundle_dir, f"{filename}.{file_type.lower()}")
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def _text_of(data: Any, file_type: str) -> str:
    if file_type == "YAML":
        return deadline_yaml_dump(data) or ""
    if file_type == "JSON":
        return json.dumps(data, indent=2)
    raise RuntimeError(f"{file_type} is neither JSON nor YAML.")
