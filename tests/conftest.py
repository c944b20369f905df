"""What the tests of all packages share."""

from __future__ import annotations

import pytest

FARM_FIXTURES = {"running", "farm"}
"""The fixtures by which tests get a local farm, which needs a newer Python than the packages."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FARM_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.local_farm)
