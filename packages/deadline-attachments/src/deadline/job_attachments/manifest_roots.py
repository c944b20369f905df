"""Which root on this machine a manifest file belongs to.

The name of a manifest file has the hash of its root in it. Rules lead from roots, as the manifests' makers named them, to
folders of this machine; they come from a file, or are folders that stand for themselves.
"""

from __future__ import annotations

import json
import os
from typing import Any, Iterable, List, Optional, Sequence

from .asset_manifests import HashAlgorithm
from .exceptions import NonValidInputError
from .models import PathMappingRule

_MEMBERS = ("source_path_format", "source_path", "destination_path")


def read_rules(path: str) -> List[PathMappingRule]:
    """The rules of a file: JSON, a list of rules or an object with that list as ``path_mapping_rules``.

    Raises :class:`NonValidInputError` for a file that cannot be read or has another form.
    """
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        raise NonValidInputError(
            f"The path mapping rules in {path} cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise NonValidInputError(f"The path mapping rules in {path} are no JSON: {error}.") from error
    rules = document.get("path_mapping_rules") if isinstance(document, dict) else document
    if not isinstance(rules, list) or not all(map(_is_rule, rules)):
        raise NonValidInputError(
            f"The path mapping rules in {path} must be a list of objects, each with the texts {', '.join(_MEMBERS)}; or "
            "an object with that list as path_mapping_rules."
        )
    return [PathMappingRule(**rule) for rule in rules]


def rules_of_folders(folders: Iterable[str]) -> List[PathMappingRule]:
    """Rules from folders to themselves; raises :class:`NonValidInputError` for one that is no folder."""
    rules = []
    for folder in folders:
        if not os.path.isdir(folder):
            raise NonValidInputError(f"The root directory {folder} does not exist, or is no directory.")
        # Whoever made the manifest may have named the root as it was typed, or in full.
        for name in dict.fromkeys((folder, os.path.abspath(folder))):
            rules.append(PathMappingRule("", name, folder))
    return rules


def rule_of(manifest_file: str, rules: Sequence[PathMappingRule]) -> Optional[PathMappingRule]:
    """The first rule from the root of a manifest file, or ``None`` when there is none."""
    name = os.path.basename(manifest_file)
    return next((rule for rule in rules if rule.get_hashed_source_path(HashAlgorithm.XXH128) in name), None)


def _is_rule(rule: Any) -> bool:
    return isinstance(rule, dict) and all(isinstance(rule.get(member), str) for member in _MEMBERS)
