"""A farm as one object: where it cannot start it says why, and leaves nothing."""

from __future__ import annotations

import contextlib
import gc
import socket
import sqlite3
import threading
from pathlib import Path
from typing import Iterator

import pytest

from local_farm.farm import FarmStartError, LocalFarm
from local_farm.settings import Settings
from local_farm.testing import running_farm


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No thread outlives a test, and whatever was not closed shows as a warning, which is an error."""
    threads = set(threading.enumerate())
    yield
    gc.collect()
    assert threads.issuperset(threading.enumerate())


def test_a_folder_in_whose_place_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(FarmStartError, match=r"state in .*file cannot be used: "):
        LocalFarm(Settings(tmp_path / "file")).start()


def test_a_state_of_another_version_is_left_as_it_is(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "farm.db")) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(FarmStartError, match=r"has format 99.*--data-dir"):
        LocalFarm(Settings(tmp_path)).start()

    with contextlib.closing(sqlite3.connect(tmp_path / "farm.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)


def test_a_state_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "farm.db").write_text(
        "something else entirely, and long enough for a page header " * 20, encoding="utf-8"
    )

    with pytest.raises(FarmStartError, match="not a database"):
        LocalFarm(Settings(tmp_path)).start()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]

        with pytest.raises(FarmStartError, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*--port"):
            LocalFarm(Settings(tmp_path, port=port, workers=1)).start()


def test_two_farms_run_side_by_side_and_each_folder_goes_with_its_farm() -> None:
    with running_farm(workers=1) as one, running_farm(workers=1) as other:
        folders = [one.settings.data_dir, other.settings.data_dir]
        assert one.endpoint_url != other.endpoint_url
        assert all(folder.is_dir() for folder in folders)

    assert not any(folder.exists() for folder in folders)
