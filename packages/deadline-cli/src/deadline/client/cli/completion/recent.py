"""What completion found a moment ago, in small files of the cache directory: one who presses Tab presses it again.

A failure is remembered too, for a shorter time, so that a network that does not answer is waited for once and not at each
press.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

SECONDS_TO_KEEP = 30
SECONDS_TO_KEEP_FAILURES = 5
_SECONDS_TO_KEEP_FILES = 24 * 3600

Items = List[Tuple[str, str]]
"""Values with what people call them."""


def recent_items(key: Sequence[str]) -> Optional[Items]:
    """What was remembered under ``key``, or ``None`` where nothing was, or too long ago."""
    try:
        content = json.loads(_path_of(key).read_text(encoding="utf-8"))
        age = time.time() - content["time"]
        items = [(str(value), str(text)) for value, text in content["items"] or ()]
        kept = SECONDS_TO_KEEP_FAILURES if content["items"] is None else SECONDS_TO_KEEP
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A clock that was set back would keep it for ever.
    return items if 0 <= age < kept else None


def remember_items(key: Sequence[str], items: Optional[Items]) -> None:
    """Remember what was found, or by ``None`` that nothing could be. Where it cannot be written, that is no error."""
    path = _path_of(key)
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({"time": time.time(), "items": items}, file)
        os.replace(temporary, path)
        _remove_old_files(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _path_of(key: Sequence[str]) -> Path:
    from deadline.client.config.config_file import get_cache_directory

    digest = hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()[:32]
    return Path(get_cache_directory(), "completion", f"{digest}.json")


def _remove_old_files(folder: Path) -> None:
    oldest = time.time() - _SECONDS_TO_KEEP_FILES
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
