"""What is said of a file, of a sequence of files, or of a folder with everything in it."""

from __future__ import annotations

from typing import AbstractSet, List, Optional, Sequence, Set

from .._human_size import human_readable_file_size
from ..models import PathFormat


class PathSummary:
    """One or more files.

    Attributes:
        path: Of a file, or of a folder with a separator at its end; of a sequence a pattern for printf.
        path_format: How the path is written; as on this machine where it was not said.
        index_set: The numbers of a sequence, else ``None``.
        file_count: How many files there are.
        total_size: Their bytes, or ``None`` where that is not known.
        children: What is in a folder, sorted by path; ``None`` or empty for anything else.
    """

    # There may be a hundred thousand of them.
    __slots__ = ("children", "file_count", "index_set", "path", "path_format", "total_size")

    def __init__(
        self,
        path: str,
        *,
        path_format: Optional[PathFormat] = None,
        index_set: Optional[AbstractSet[int]] = None,
        file_count: Optional[int] = None,
        total_size: Optional[int] = None,
        children: Optional[Sequence[PathSummary]] = None,
    ) -> None:
        """Counts and sizes that are not given are those of the numbers or of the children."""
        self.path = path
        self.path_format = PathFormat(path_format) if path_format else PathFormat.get_host_path_format()
        self.index_set: Optional[Set[int]] = set(index_set) if index_set is not None else None
        self.children: Optional[List[PathSummary]] = list(children) if children is not None else None
        self.file_count = self._default_count() if file_count is None else file_count
        self.total_size = self._default_size() if total_size is None else total_size

    def is_dir(self) -> bool:
        """Whether this is a folder."""
        return self.path.endswith("/") or (self.path_format is PathFormat.WINDOWS and self.path.endswith("\\"))

    def summary(self, *, below: str = "", include_totals: bool = True) -> str:
        """Path, totals and the numbers of a sequence: ``frame_%03d.png (5 files, sequence 1-3,5,10)``.

        Args:
            below: A folder that is left out of the path.
            include_totals: Whether to tell the number of files and their size.
        """
        if self.index_set is not None:
            below = below.replace("%", "%%")
        path = self.path[len(below) :] if self.path.startswith(below) else self.path
        details = [self.summary_totals()] if include_totals else []
        if self.index_set is not None:
            details.append(f"sequence {ranges(self.index_set)}")
        return f"{path} ({', '.join(details)})" if details else path

    def summary_totals(self) -> str:
        """The number of files and, where it is known, their size: ``5 files, 1.2 MB``."""
        count = "1 file" if self.file_count == 1 else f"{self.file_count} files"
        return count if self.total_size is None else f"{count}, {human_readable_file_size(self.total_size)}"

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"PathSummary({self.summary()!r}, children={self.children!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PathSummary):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def _default_count(self) -> int:
        if self.index_set is not None:
            return len(self.index_set)
        if self.is_dir() or self.children:
            return sum(child.file_count for child in self.children or ())
        return 1

    def _default_size(self) -> Optional[int]:
        sizes = [child.total_size for child in self.children or ()]
        known = [size for size in sizes if size is not None]
        return sum(known) if known and len(known) == len(sizes) else None


def ranges(numbers: AbstractSet[int]) -> str:
    """Numbers as ranges: ``1-3,5,10``."""
    parts: List[str] = []
    first = last = None
    for number in sorted(numbers):
        if first is not None and last is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            parts.append(_range(first, last))
        first = last = number
    if first is not None:
        parts.append(_range(first, last))
    return ",".join(parts)


def _range(first: int, last: Optional[int]) -> str:
    return str(first) if first == last else f"{first}-{last}"
