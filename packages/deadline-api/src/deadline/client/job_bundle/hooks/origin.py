"""Where the scripts of a copied job bundle are: in the bundle that it was copied from.

Windows submit a copy of a bundle, which they keep in the job history. The copy has the hooks file but not the scripts
that it names, so that a ``.hooks_origin`` beside it says where those are. A bundle from elsewhere may have such a file as
well, and would have programs of any folder run by it. So it counts only where this client has written it, which a record
outside of the bundle tells.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Optional

from deadline.client.config.config_file import get_cache_directory
from deadline.client.exceptions import DeadlineOperationError

ORIGIN_FILE = ".hooks_origin"


def record_hooks_origin(bundle_dir: str, original_dir: str) -> None:
    """Say that the hooks of a copied bundle find their scripts in the bundle that it was copied from.

    Args:
        bundle_dir: The copy, which has a hooks file.
        original_dir: The folder with the scripts. Where it is itself such a copy, its own origin counts.

    Raises:
        DeadlineOperationError: The copy or the record could not be written.
    """
    original = recorded_origin(original_dir) or os.path.abspath(original_dir)
    record = _record_of(bundle_dir)
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        _write(record, json.dumps({"bundle": os.path.realpath(bundle_dir), "origin": original}))
        _write(Path(bundle_dir, ORIGIN_FILE), original)
    except OSError as error:
        raise DeadlineOperationError(
            f"Where the hooks of {bundle_dir} come from could not be noted in {error.filename}: "
            f"{error.strerror or error}."
        ) from error


def claims_an_origin(bundle_dir: str) -> bool:
    """Whether a bundle has a ``.hooks_origin``, whoever has written it."""
    return os.path.isfile(os.path.join(bundle_dir, ORIGIN_FILE))


def recorded_origin(bundle_dir: str) -> Optional[str]:
    """The folder that a bundle's ``.hooks_origin`` names, where this client has written that; else ``None``."""
    try:
        claimed = Path(bundle_dir, ORIGIN_FILE).read_text(encoding="utf-8").strip()
        record = json.loads(_record_of(bundle_dir).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    wanted = {"bundle": os.path.realpath(bundle_dir), "origin": claimed}
    return claimed if record == wanted and os.path.isdir(claimed) else None


def _record_of(bundle_dir: str) -> Path:
    path = os.path.normcase(os.path.realpath(bundle_dir))
    name = hashlib.sha256(path.encode("utf-8", errors="surrogateescape")).hexdigest()
    return Path(get_cache_directory(), "hooks_origins", f"{name}.json")


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
