"""The file ``mimeapps.list``, which says which desktop entry opens what; other entries are left as they are.

https://specifications.freedesktop.org/mime-apps-spec/
"""

from __future__ import annotations

from typing import Callable, List

DEFAULTS = "Default Applications"
_REMOVED = "Removed Associations"


def with_default(text: str, mime_type: str, entry: str) -> str:
    """The text of the file with a desktop entry as the default for a MIME type."""
    lines = text.splitlines(keepends=True)
    section = _section(lines, DEFAULTS)
    wanted = f"{mime_type}={entry};\n"
    for number in section:
        if _key(lines[number]) == mime_type:
            rest = [other for other in _entries(lines[number]) if other != entry]
            lines[number] = f"{mime_type}={';'.join([entry, *rest])};\n"
            return "".join(lines)
    if section is _NOWHERE:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return "".join([*lines, *(["\n"] if lines else []), f"[{DEFAULTS}]\n", wanted])
    lines.insert(section.start, wanted)
    if section.start and not lines[section.start - 1].endswith("\n"):
        lines[section.start - 1] += "\n"
    return "".join(lines)


def without(text: str, mime_type: str, entry: str) -> str:
    """The text of the file without a desktop entry for a MIME type, whatever it was for it."""
    return _changed(text, lambda line: _line_without(line, mime_type, entry))


_NOWHERE = range(0)


def _section(lines: List[str], name: str) -> range:
    """The numbers of the lines of a section; of the first one, where it is there several times."""
    begin = next((number for number, line in enumerate(lines) if line.strip() == f"[{name}]"), None)
    if begin is None:
        return _NOWHERE
    end = next((n for n in range(begin + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    return range(begin + 1, end)


def _changed(text: str, change: Callable[[str], str]) -> str:
    section = ""
    kept = []
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            section = line.strip().strip("[]")
        # What the user has removed stays removed.
        kept.append(line if section == _REMOVED else change(line))
    return "".join(kept)


def _line_without(line: str, mime_type: str, entry: str) -> str:
    if _key(line) != mime_type or entry not in _entries(line):
        return line
    rest = [other for other in _entries(line) if other != entry]
    return f"{mime_type}={';'.join(rest)};\n" if rest else ""


def _key(line: str) -> str:
    key, equals, _ = line.partition("=")
    return key.strip() if equals and not line.lstrip().startswith("#") else ""


def _entries(line: str) -> List[str]:
    return [entry for entry in (one.strip() for one in line.partition("=")[2].split(";")) if entry]
