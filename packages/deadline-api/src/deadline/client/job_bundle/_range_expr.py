"""Integer ranges as text, such as ``1-10:2, 20``."""

from __future__ import annotations

import re
from typing import List, Tuple

MAXIMUM_LENGTH = 1024
MINIMUM_INTEGER, MAXIMUM_INTEGER = -(2**63), 2**63 - 1

_ELEMENT = re.compile(r"[ \t]*(-?[0-9]+)[ \t]*(?:-[ \t]*(-?[0-9]+)[ \t]*(?::[ \t]*(-?[0-9]+)[ \t]*)?)?", re.ASCII)


def parse_int_range_expr(expr: str) -> List[Tuple[int, int, int]]:
    """The elements of a range expression as ascending ``(start, end, step)``, in order; ``end`` is the last value.

    Raises :class:`ValueError` where the text is no range expression, or two of its elements overlap.
    """
    if not isinstance(expr, str):
        raise ValueError(f"a range expression is text such as 1-10:2, not {expr!r}")
    if not expr.strip():
        raise ValueError("a range expression must not be empty")
    if len(expr) > MAXIMUM_LENGTH:
        raise ValueError(f"a range expression has at most {MAXIMUM_LENGTH} characters, not {len(expr)}")
    ranges = sorted(_element(text) for text in expr.split(","))
    for before, after in zip(ranges, ranges[1:]):
        if after[0] <= before[1]:
            raise ValueError(f"{_text(before)} and {_text(after)} overlap in the range expression {expr!r}")
    return ranges


def _element(text: str) -> Tuple[int, int, int]:
    match = _ELEMENT.fullmatch(text)
    if not match:
        raise ValueError(f"{text.strip()!r} is not an integer, start-end or start-end:step")
    start = _integer(match.group(1))
    if match.group(2) is None:
        return start, start, 1
    end = _integer(match.group(2))
    step = _integer(match.group(3) or "1")
    if step == 0:
        raise ValueError(f"the step of {text.strip()!r} must not be 0")
    if (end - start) * step < 0:
        raise ValueError(f"the step of {text.strip()!r} leads away from its end")
    if step > 0:
        return start, start + (end - start) // step * step, step
    return start + (start - end) // -step * step, start, -step


def _integer(text: str) -> int:
    number = int(text)
    if not MINIMUM_INTEGER <= number <= MAXIMUM_INTEGER:
        raise ValueError(f"{text} does not fit into 64 bits")
    return number


def _text(element: Tuple[int, int, int]) -> str:
    start, end, step = element
    if start == end:
        return str(start)
    return f"{start}-{end}" if step == 1 else f"{start}-{end}:{step}"
