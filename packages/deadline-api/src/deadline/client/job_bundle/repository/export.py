"""Copying a job bundle to a folder of the user's, complete or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from pathlib import Path

from deadline.client.exceptions import DeadlineOperationError

from ..loader import is_job_bundle_dir
from .names import folder_name


def export_target(output_dir: str, name: str) -> Path:
    """Where a bundle of that name goes below a folder.

    Raises:
        DeadlineOperationError: Something is there that is not a job bundle, which is never replaced; or the name cannot
            be used.
    """
    target = Path(os.path.abspath(os.path.expanduser(output_dir)), folder_name(name))
    if os.path.lexists(target) and not is_job_bundle_dir(str(target)):
        raise DeadlineOperationError(
            f"{target} is there already and is not a job bundle, so that it is not replaced. Choose another folder."
        )
    return target


def export_bundle(bundle_dir: str, target: Path) -> None:
    """Copy a bundle's folder to ``target``; a bundle that is there is replaced when the copy is complete.

    Raises:
        DeadlineOperationError: It cannot be written; what was there is as before.
    """
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(bundle_dir, temporary, symlinks=True)
        _replace(temporary, target)
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DeadlineOperationError(f"The job bundle could not be copied to {target}: {reason}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace(new: Path, target: Path) -> None:
    if not os.path.lexists(target):
        new.rename(target)
        return
    before = target.with_name(f".{uuid.uuid4().hex}.tmp")
    target.rename(before)
    try:
        new.rename(target)
    except BaseException:
        before.rename(target)
        raise
    if before.is_symlink():
        with contextlib.suppress(OSError):
            before.unlink()
    else:
        shutil.rmtree(before, ignore_errors=True)
