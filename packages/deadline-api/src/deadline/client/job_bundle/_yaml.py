"""YAML as it is read from job bundles and written into them."""

from __future__ import annotations

from typing import Any, Optional

import yaml


class _BundleLoader(yaml.SafeLoader):
    """Says where a value is that looks like a date or a number but is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of a node."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value!r} is no value ({error}); write text in quotes", node.start_mark
            ) from error


class _BundleDumper(yaml.SafeDumper):
    """Writes text of several lines as such, so that scripts in templates stay readable."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BundleDumper.add_representer(str, _represent_text)


def load_yaml(text: str) -> Any:
    """The value in YAML text.

    Raises:
        ValueError: The text is not YAML; the message says why, and in which line.
    """
    try:
        return yaml.load(text, Loader=_BundleLoader)  # noqa: S506 - a safe loader
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ValueError(f"{error.reason}: U+{error.character:04X} in line {line}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).replace('"<unicode string>", ', "")) from error
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


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
