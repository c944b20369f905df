"""The examples of the documentation, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from local_farm.farm import LocalFarm

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


def blocks(page: str, language: str) -> list[str]:
    text = (GUIDE / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_example_of_the_python_library_runs_from_submission_to_outputs(farm: LocalFarm, tmp_path: Path) -> None:
    (make_bundle,) = [block for block in blocks("first-job.md", "console") if "mkdir -p my-job" in block]
    subprocess.run(["bash", "-euc", make_bundle], cwd=tmp_path, check=True)
    (example,) = blocks("python-library.md", "python")

    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, **farm.environment(), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"job-[0-9a-f]{32} SUCCEEDED", done.stdout)
    # The frames may have run in sessions of several workers, of which the example shows one.
    assert re.search("Rendering frame [123]", done.stdout)
    assert "3 files downloaded" in done.stdout
    frames = sorted(path.name for path in (tmp_path / "my-job" / "out").iterdir())
    assert frames == ["frame_1.txt", "frame_2.txt", "frame_3.txt"]
    assert (tmp_path / "my-job" / "out" / "frame_2.txt").read_text(encoding="utf-8") == "a teapot\nframe 2\n"
