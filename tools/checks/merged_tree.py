"""Lays the seven distributions out as one tree, the way they look when installed side by side.

``deadline`` and ``deadline.client`` are shared by several distributions, each with a ``src`` folder of its own. Python
joins them when it runs, but the type checker and the import checker read files, and follow a package into one folder
only. This script links every module into ``.cache/merged/``, where both find everything::

    python tools/checks/merged_tree.py          # makes .cache/merged and prints its path
    mypy .cache/merged/deadline
    lint-imports

It fails when two distributions ship the same file, or when one ships ``deadline/__init__.py``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MERGED = ROOT / ".cache" / "merged"


def source_files() -> dict[Path, Path]:
    """Every module below ``packages/*/src``: its path within the merged tree, and where it stands.

    Raises :class:`SystemExit` when the distributions get in each other's way.
    """
    files: dict[Path, Path] = {}
    for source in sorted((ROOT / "packages").glob("*/src")):
        for path in sorted(source.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            relative = path.relative_to(source)
            if relative == Path("deadline", "__init__.py"):
                raise SystemExit(
                    f"{path}: `deadline` is a namespace package; no distribution may ship its __init__.py."
                )
            if relative in files:
                raise SystemExit(f"{path} and {files[relative]} install to the same place.")
            files[relative] = path
    return files


def lay_out() -> Path:
    """Make ``.cache/merged`` afresh and return it."""
    shutil.rmtree(MERGED, ignore_errors=True)
    for relative, path in source_files().items():
        link = MERGED / relative
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            link.symlink_to(path)
        except OSError:  # Windows without the right to make links
            shutil.copyfile(path, link)
    return MERGED


if __name__ == "__main__":
    sys.stdout.write(f"{lay_out()}\n")
