"""The setting that keeps transfers from taking all of a network."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from deadline.client import api
from deadline.client.config import set_setting

from .conftest import python_step, write_bundle

if TYPE_CHECKING:
    from .conftest import Farm

SIZE = 600_000
ALLOWED = SIZE / (0.5 * 1024 * 1024) - 0.3
"""Less than the seconds that the files take at that rate, since some bytes may be caught up with."""


def test_submissions_and_downloads_keep_to_it(farm: Farm, bundle: Path, tmp_path: Path) -> None:
    set_setting("settings.s3_max_bandwidth", "0.5")
    write_bundle(
        bundle,
        {"steps": [python_step("pass")]},
        asset_references={"assetReferences": {"inputs": {"directories": ["in"]}}},
    )
    (bundle / "in").mkdir()
    for number in range(6):
        (bundle / "in" / f"{number}.bin").write_bytes(bytes([number]) * (SIZE // 6))

    started = time.monotonic()
    job_id = api.submit_job_bundle(api.SubmissionRequest(str(bundle), target_task_run_status="SUSPENDED")).job_id
    assert time.monotonic() - started > ALLOWED

    plan = api.plan_input_download(**farm.ids, job_id=job_id)
    (root,) = plan.roots
    plan.set_root(root, str(tmp_path / "out"))
    started = time.monotonic()
    plan.download()
    assert time.monotonic() - started > ALLOWED
    assert sum(path.stat().st_size for path in (tmp_path / "out").rglob("*") if path.is_file()) == SIZE
