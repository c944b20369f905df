"""A farm for tests."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Iterator

from local_farm.farm import LocalFarm
from local_farm.settings import Settings


@contextlib.contextmanager
def running_farm(*, workers: int = 2, s3_endpoint: str | None = None, seed: Path | None = None) -> Iterator[LocalFarm]:
    """A farm in a folder of its own and on a free port of loopback, gone without a trace at the end.

    Without ``workers`` it answers and creates jobs, but runs none. ``seed`` is a file with what it has from the start.
    """
    with tempfile.TemporaryDirectory(prefix="local-farm-") as folder:
        settings = Settings(data_dir=Path(folder), workers=workers, s3_endpoint=s3_endpoint, seed=seed)
        with LocalFarm(settings) as farm:
            yield farm
