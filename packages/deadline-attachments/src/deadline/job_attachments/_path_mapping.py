"""A door: path mapping under the names by which the client imports it."""

from __future__ import annotations

from .path_mapping import (
    PathMappingRuleApplier as _PathMappingRuleApplier,
    generate_path_mapping_rules as _generate_path_mapping_rules,
)

__all__ = ["_PathMappingRuleApplier", "_generate_path_mapping_rules"]
