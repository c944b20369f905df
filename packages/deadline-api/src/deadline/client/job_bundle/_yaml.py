"""YAML as it is written into job bundles."""

from __future__ import annotations

from typing import Any, Optional

import yaml


class _BundleDumper(yaml.SafeDumper):
    """Writes text of several lines as such, so that scripts in templates stay readable."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BundleDumper.add_representer(str, _represent_text)


def deadline_yaml_dump(data: Any, stream: Any = None, **kwds: Any) -> Optional[str]:
    """YAML text of ``data`` in block style, with keys in their order and text of several lines in literal style.

    Args:
        data: Plain values: mappings, lists, text, numbers.
        stream: Where to write; the text is returned where left out.
        kwds: Options of :func:`yaml.dump`, such as ``indent`` or ``allow_unicode``.
    """
    options = {"sort_keys": False, "default_flow_style": False, **kwds}
    text: Optional[str] = yaml.dump(data, stream, Dumper=_BundleDumper, **options)
    return text
