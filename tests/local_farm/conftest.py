"""The real client of AWS, set up by nothing but the variables of a farm."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import boto3
import pytest

from local_farm.environment import REMOVED
from local_farm.farm import LocalFarm
from local_farm.testing import running_farm

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def served_farm() -> Iterator[LocalFarm]:
    """A farm that answers and runs no jobs."""
    with running_farm(workers=0) as farm:
        yield farm


@pytest.fixture(scope="module")
def client(served_farm: LocalFarm) -> Iterator[Client]:
    """Makes clients of services, with boto3's arguments, in an environment as ``local-farm env`` sets it."""
    made = []

    def make(service: str, **arguments: Any) -> Any:
        made.append(session.client(service, **arguments))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        for name in REMOVED:
            patch.delenv(name, raising=False)
        for name, value in served_farm.environment().items():
            patch.setenv(name, value)
        # One for all clients: it reads the models of the services once.
        session = boto3.Session()
        yield make
    for each in made:
        each.close()
