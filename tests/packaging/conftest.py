"""Builds the wheels once, and installs one of them into an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """A fresh environment into which one distribution, with what it needs, was installed."""

    python: Path
    distributions: frozenset[str]

    def run(self, *arguments: str) -> str:
        """What the environment's Python prints; fails with its error text."""
        # Nothing of the workspace may leak in through the caller's variables.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [str(self.python), *arguments],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of each distribution of the workspace, by its name."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        ["uv", "build", "--all-packages", "--wheel", "--quiet", "--out-dir", str(folder)], cwd=ROOT, check=True
    )
    return {path.name.split("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Callable[[str], Installation]:
    """Installs a requirement such as ``deadline-auth`` or ``deadline[gui]`` into a fresh environment."""
    overrides = tmp_path_factory.mktemp("overrides") / "ours.txt"
    # Ours and nobody else's, whatever an index may hold under the same names.
    overrides.write_text(
        "".join(f"{name} @ {path.as_uri()}\n" for name, path in wheels.items() if name != "deadline"), encoding="utf-8"
    )

    def install(requirement: str) -> Installation:
        folder = tmp_path_factory.mktemp("environment")
        python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        name, bracket, extra = requirement.partition("[")
        target = f"{name} {bracket}{extra} @ {wheels[name].as_uri()}".replace(" [", "[")
        uv = ["uv", "pip", "install", "--quiet", "--python", str(python), "--overrides", str(overrides), target]
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        subprocess.run(uv, check=True)
        listed = subprocess.run(
            ["uv", "pip", "list", "--quiet", "--python", str(python), "--format", "json"],
            check=True,
            capture_output=True,
            text=True,
        )
        return Installation(python, frozenset(entry["name"] for entry in json.loads(listed.stdout)))

    return install
