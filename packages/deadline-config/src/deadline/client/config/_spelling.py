"""How a value is spelt in the settings file.

Other versions of the client read the file with the interpolation of Python's parser, to which ``%%`` means ``%`` and a
lone ``%`` is an error in whatever they do. So each ``%`` is written twice; whoever writes one by hand is understood too.
"""

from __future__ import annotations

import re


def spell(value: str) -> str:
    """The text that stands in the file for ``value``."""
    return value.replace("%", "%%")


def unspell(text: str) -> str:
    """The value that ``text`` of the file stands for."""
    return text.replace("%%", "%") if re.fullmatch("(?:[^%]|%%)*", text) else text
