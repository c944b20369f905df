"""Paths taken as text: whether one lies below another, by whole components and without touching a disk.

The answers follow the rules of the running system, or of ``path_module`` (:mod:`posixpath` or :mod:`ntpath`). On Windows
letters compare without case, ``\\\\?\\C:\\a`` is ``C:\\a``, and a host (``\\\\server``) lies above its shares.
"""

from __future__ import annotations

import itertools
import ntpath
import os
import re
from types import ModuleType
from typing import Iterable, Optional, Tuple

_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


def is_uri(path: str) -> bool:
    """Whether ``path`` begins with a scheme such as ``s3://``; one letter is a drive, not a scheme."""
    return _URI.match(path) is not None


def path_components(path: str, path_module: Optional[ModuleType] = None) -> Tuple[str, ...]:
    """What the path starts from (``/``, ``C:\\``, ``\\\\``, or empty), then its parts; ``..`` is resolved where it can."""
    module = path_module or os.path
    if module is not ntpath:
        normal = module.normpath(path)
        anchor = "/" if normal.startswith("/") else ""
        return (anchor, *_parts(normal.lstrip("/"), "/"))
    text = _without_extended_prefix(path.replace("/", "\\")).lower()
    if text.startswith(("\\\\?\\", "\\\\.\\")):
        return (text[:4], *_parts(text[4:], "\\"))
    if text.startswith("\\\\"):
        host_and_share, rest = _split_unc(text)
        # Nothing climbs above a share.
        return ("\\\\", *host_and_share, *_parts(ntpath.normpath("\\" + rest), "\\"))
    drive, rest = ntpath.splitdrive(text)
    anchor = drive + ("\\" if rest.startswith("\\") else "")
    return (anchor, *_parts(ntpath.normpath(rest).lstrip("\\") if rest else "", "\\"))


def is_absolute_path(path: str, path_module: Optional[ModuleType] = None) -> bool:
    """Whether the path needs no current directory and no current drive to be found."""
    anchor = path_components(path, path_module)[0]
    return anchor.startswith("\\\\") or (len(anchor) > 1 and anchor.endswith("\\")) or anchor == "/"


def is_bare_unc_anchor(path: str, path_module: Optional[ModuleType] = None) -> bool:
    """Whether the path is a Windows ``\\\\`` with no host."""
    return path_components(path, path_module) == ("\\\\",)


def normalized_path(path: str, path_module: Optional[ModuleType] = None) -> str:
    """The path without ``.``, ``..`` and repeated separators."""
    return (path_module or os.path).normpath(path)  # type: ignore[no-any-return]


def is_path_contained(path: str, root: str, path_module: Optional[ModuleType] = None) -> bool:
    """Whether ``path`` is ``root`` or lies below it."""
    inner, outer = path_components(path, path_module), path_components(root, path_module)
    # What remains of `..` leads somewhere unknown.
    if ".." in inner or ".." in outer:
        return False
    return inner == outer if is_bare_unc_anchor(root, path_module) else inner[: len(outer)] == outer


def is_any_path_contained(path: str, roots: Iterable[str], path_module: Optional[ModuleType] = None) -> bool:
    """Whether ``path`` is one of ``roots`` or lies below one."""
    return any(is_path_contained(path, root, path_module) for root in roots)


def common_ancestor(paths: Iterable[str], path_module: Optional[ModuleType] = None) -> str:
    """The deepest folder that is, or holds, all paths, as the first one writes it; empty where there is none.

    Paths have none where they start from different places or climb (``..``) differently far, and where there are no
    paths. A Windows host (``\\\\server``) is an answer.
    """
    module = path_module or os.path
    paths = list(paths)
    split = [path_components(path, module) for path in paths]
    if not split or any(parts[0] != split[0][0] for parts in split):
        return ""
    if len({parts.count("..") for parts in split}) > 1:
        return ""
    common = sum(1 for _ in itertools.takewhile(lambda parts: len(set(parts)) == 1, zip(*split)))
    if common == 1 and split[0][0] in ("", "\\\\"):
        return ""
    return _first_components(paths[0], len(split[0]) - common, module)


def _first_components(path: str, dropped: int, module: ModuleType) -> str:
    """The normal path without its last components."""
    path = module.normpath(path)
    if module is not ntpath:
        for _ in range(dropped):
            path = module.dirname(path)
        return path
    for _ in range(dropped):
        path = path.rstrip("\\")
        above = path[: path.rfind("\\") + 1]
        path = above if above.endswith(":\\") or above in ("\\", "\\\\") else above.rstrip("\\")
    return path


def _without_extended_prefix(text: str) -> str:
    if text.upper().startswith("\\\\?\\UNC\\"):
        return "\\\\" + text[8:]
    if re.match(r"\\\\\?\\[A-Za-z]:\\", text):
        return text[4:]
    return text


def _split_unc(text: str) -> Tuple[Tuple[str, ...], str]:
    """The host and the share of ``\\\\host\\share\\rest``, as far as they are there, and the rest."""
    host, _, below = text[2:].lstrip("\\").partition("\\")
    share, _, rest = below.lstrip("\\").partition("\\")
    return tuple(part for part in (host, share) if part), rest


def _parts(text: str, separator: str) -> Tuple[str, ...]:
    parts: list[str] = []
    for part in text.split(separator):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)
