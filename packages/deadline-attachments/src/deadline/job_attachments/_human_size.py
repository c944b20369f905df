"""Numbers of bytes for people."""

from __future__ import annotations

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def human_readable_file_size(size_in_bytes: int) -> str:
    """A size in decimal units with at most two decimals: ``0 B``, ``1.01 KB``, ``1000.0 PB``."""
    if abs(size_in_bytes) < 1000:
        return f"{size_in_bytes} B"
    size = float(size_in_bytes)
    for unit in _UNITS:
        if abs(round(size, 2)) < 1000 or unit == _UNITS[-1]:
            return f"{round(size, 2)} {unit}"
        size /= 1000
    raise AssertionError("the last unit takes every size")
