"""What programs of others take from ``deadline.client``."""

from __future__ import annotations

from typing import Tuple

import pytest

from .contract import check, read_table

NAMES = read_table("client.txt")


@pytest.mark.parametrize(("module", "name", "calls"), NAMES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_name_that_others_import_exists_and_takes_their_arguments(
    module: str, name: str, calls: Tuple[str, ...]
) -> None:
    check(module, name, calls)


@pytest.mark.parametrize(
    ("package", "submodules"),
    [("deadline.client.config", ["config_file"]), ("deadline.client.api", ["_session", "_list_apis"])],
)
def test_submodules_are_attributes_of_their_package(package: str, submodules: Tuple[str, ...]) -> None:
    for submodule in submodules:
        check(package, submodule, ())
