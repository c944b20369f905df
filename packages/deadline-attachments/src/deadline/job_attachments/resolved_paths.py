"""Questions about paths that are answered after following links."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Union

from .long_paths import without_prefix


def is_within(path: Union[str, PurePath], folder: Union[str, PurePath]) -> bool:
    """Whether a path is a folder or lies below it, links on both sides followed; neither has to exist."""
    inner, outer = _comparable(path), _comparable(folder)
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _comparable(path: Union[str, PurePath]) -> str:
    return os.path.normcase(without_prefix(os.path.realpath(path)))
