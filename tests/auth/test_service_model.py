"""The model of the service that comes with the package."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest
from botocore.loaders import Loader

from deadline.client.auth import service_model
from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.session import get_boto3_client, get_boto3_session

BUNDLED = service_model.DATA / "deadline" / "2023-10-12"


@pytest.fixture
def older_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.34.75")


def search_paths(session: object) -> list[str]:
    return list(session._session.get_component("data_loader").search_paths)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("older_botocore")
def test_an_older_botocore_gets_the_bundled_model_behind_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", "/models/of/the/user")
    client = get_boto3_client("deadline")

    for session in (get_boto3_session(), get_queue_user_boto3_session(client, farm_id="farm-1", queue_id="queue-1")):
        paths = search_paths(session)
        assert paths[0] == "/models/of/the/user"
        assert paths.index(str(service_model.DATA)) == paths.index(Loader.BUILTIN_DATA_PATH) - 1
    assert "ListFarms" in client.meta.service_model.operation_names
    assert client.get_waiter("job_complete" if "job_complete" in client.waiter_names else client.waiter_names[0])


@pytest.mark.usefixtures("older_botocore")
def test_the_bundled_model_is_added_once() -> None:
    session = get_boto3_session()

    service_model.add_bundled_service_model(session._session)

    assert search_paths(session).count(str(service_model.DATA)) == 1


@pytest.mark.parametrize("release", [service_model.COPIED_FROM, "9.0.0.dev1"])
def test_a_botocore_that_is_as_new_uses_its_own(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", release)

    assert str(service_model.DATA) not in search_paths(get_boto3_session())


@pytest.mark.parametrize("name", ["service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1"])
def test_the_copy_is_what_its_release_of_botocore_has(name: str) -> None:
    """The full comparison where that release is installed; elsewhere that the copy is whole."""
    own = Loader().file_loader
    copy = own.load_file(str(BUNDLED / name))
    assert copy

    if botocore.__version__ == service_model.COPIED_FROM:
        original = Path(botocore.__file__).parent / "data" / "deadline" / "2023-10-12" / name
        assert json.dumps(copy) == json.dumps(own.load_file(str(original)))
