"""What the tests of all packages share."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Iterator

import pytest
from hypothesis import settings

FARM_FIXTURES = {"running", "farm"}
"""The fixtures by which tests get a local farm, which needs a newer Python than the packages."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FARM_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.local_farm)


def pytest_configure() -> None:
    # How long an example takes says how busy the machine is, and nothing of ours.
    settings.register_profile("without a deadline", deadline=None)
    settings.load_profile("without a deadline")
    # Nothing is told to anybody but a server of the test's own, which turns this off again.
    os.environ["DEADLINE_CLOUD_TELEMETRY_OPT_OUT"] = "true"
    # A run in the background, or under nohup, ignores these, and so would every program that a test interrupts.
    for name in ("SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            with contextlib.suppress(ValueError):
                signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _no_telemetry_client_of_an_earlier_test() -> Iterator[None]:
    """A client keeps the configuration that it was made with, which may say that its user has opted out."""
    yield
    module = sys.modules.get("deadline.client.auth.telemetry.client")
    if module is not None:
        for client in module._clients.values():
            client.close(0)
        module._clients.clear()
