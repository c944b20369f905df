"""A folder that becomes an archive where its name asks for that."""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
import zipfile
from pathlib import Path
from typing import Iterator

from deadline.client.exceptions import DeadlineOperationError

SUFFIX = ".zip"


@contextlib.contextmanager
def folder_or_archive(path: str) -> Iterator[str]:
    """The folder to write to: ``path``, or one whose content becomes the archive ``path`` at the end of the block.

    An archive that exists is replaced, once the new one is complete; where the block fails, it stays as it is.

    Raises:
        DeadlineOperationError: The archive cannot be written.
    """
    if not path.lower().endswith(SUFFIX):
        yield path
        return
    target = Path(path)
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the archive, where there has to be room for it anyway.
        temporary = tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent)
    with temporary as folder:
        yield folder
        with _writing(target):
            _archive(Path(folder), target)


def _archive(folder: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        # Files may have times from before the first year that an archive knows.
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeadlineOperationError(
            f"The debug snapshot could not be written to {target}: {error.strerror or error}. Choose another place."
        ) from error
