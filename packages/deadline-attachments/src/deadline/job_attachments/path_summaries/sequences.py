"""Which numbered names of a folder belong together.

A name is numbered when digits stand directly before its ending (``frame_001.png``) or at its end (``v907``,
``sim.0042``). Names that differ by nothing but that number are a sequence where three or more of them are written alike:
with zeros in front up to one width, such as ``001`` and ``1000`` for the width three, or without any.
"""

from __future__ import annotations

from typing import Collection, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Tuple

SMALLEST = 3
"""Fewer names than that are shown each for itself."""
MOST_DIGITS = 18
"""What has more digits is no number that somebody counts by."""
_DIGITS = "0123456789"


class NamedFiles(NamedTuple):
    """One name of a folder, or a sequence of them: then ``pattern`` is for printf, with one number in it."""

    pattern: str
    names: Sequence[str]
    numbers: Optional[FrozenSet[int]] = None


def find_sequences(names: Collection[str]) -> Iterator[NamedFiles]:
    """The sequences among the names of one folder, and each name that is in none; in any order."""
    if len(names) < SMALLEST:
        yield from (NamedFiles(name, (name,)) for name in names)
        return
    numbered: Dict[Tuple[str, str], List[str]] = {}
    for name in names:
        split = _split(name)
        if split is None:
            yield NamedFiles(name, (name,))
        else:
            before, digits, after = split
            numbered.setdefault((before, after), []).append(digits)
    for (before, after), texts in numbered.items():
        for width, alike in _written_alike(texts):
            members = [f"{before}{digits}{after}" for digits in alike]
            if width is None:
                yield from (NamedFiles(name, (name,)) for name in members)
            else:
                number = "%d" if width == 1 else f"%0{width}d"
                pattern = f"{before.replace('%', '%%')}{number}{after.replace('%', '%%')}"
                yield NamedFiles(pattern, members, frozenset(map(int, alike)))


def _split(name: str) -> Optional[Tuple[str, str, str]]:
    """What stands before the number of a name, its digits, and what stands after; ``None`` for a name without."""
    stem, dot, ending = name.rpartition(".")
    if dot and not (ending.isdigit() and ending.isascii()):
        before = stem.rstrip(_DIGITS)
        if len(before) < len(stem):
            return _checked(before, stem[len(before) :], f".{ending}")
    before = name.rstrip(_DIGITS)
    return _checked(before, name[len(before) :], "")


def _checked(before: str, digits: str, after: str) -> Optional[Tuple[str, str, str]]:
    return (before, digits, after) if 0 < len(digits) <= MOST_DIGITS else None


def _written_alike(texts: List[str]) -> Iterator[Tuple[Optional[int], List[str]]]:
    """Groups of numbers that are written to one width, the widest first; then the others, without a width."""
    if len(texts) >= SMALLEST:
        # What begins with a zero has the width that it shows; anything else would do without zeros.
        for width in sorted({len(text) if text[0] == "0" else 1 for text in texts}, reverse=True):
            alike = [text for text in texts if len(text) == width or (len(text) > width and text[0] != "0")]
            if len(alike) >= SMALLEST:
                yield width, alike
                taken = set(alike)
                texts = [text for text in texts if text not in taken]
    if texts:
        yield None, texts
