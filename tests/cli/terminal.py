"""What a terminal shows after something was printed to it."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])")


def screen(printed: str, columns: int = 100) -> list[str]:
    """The lines of a terminal that is so wide, without colours and blanks at their ends."""
    lines = [""]
    row = column = 0
    position = 0
    while position < len(printed):
        sequence = _SEQUENCE.match(printed, position)
        if sequence:
            position = sequence.end()
            kind = sequence[2]
            number = int(sequence[1] or 0) if kind in "AKJ" else 0
            if kind == "A":
                row = max(row - max(number, 1), 0)
            elif kind == "K":
                lines[row] = lines[row][:column]
            elif kind == "J":
                lines[row + 1 :] = []
                lines[row] = lines[row][:column]
            else:
                assert kind in "mhl", f"The terminal does not know {sequence[0]!r}"
            continue
        character = printed[position]
        position += 1
        if character == "\r":
            column = 0
            continue
        if character == "\n" or column == columns:
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
            if character == "\n":
                continue
        lines[row] = f"{lines[row].ljust(column)[:column]}{character}{lines[row][column + 1 :]}"
        column += 1
    return [line.rstrip() for line in lines]
