"""The names of ``deadline.client.api``, and what importing it costs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from deadline.client import api


def test_every_exported_name_can_be_had() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None, name
        assert name in dir(api)


def test_the_names_that_type_checkers_see_are_those_that_are_exported() -> None:
    tree = ast.parse(Path(api.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = [alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(seen) == api.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="list_frams"):
        _ = api.list_frams  # type: ignore[attr-defined]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import deadline.client.api, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(json.loads(done.stdout))
    assert "deadline.client.api" in loaded
    assert not loaded & {"boto3", "botocore", "yaml", "openjd", "xxhash", "concurrent.futures", "urllib3"}
