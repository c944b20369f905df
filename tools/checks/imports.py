"""Checks the import contracts of ``pyproject.toml`` over all distributions at once.

``python tools/checks/imports.py`` runs import-linter on the merged tree (see ``merged_tree.py``), after making sure
that the contracts are exhaustive: a package that no contract places is refused, so that a new one must be placed.
"""

from __future__ import annotations

import os
import subprocess
import sys

from merged_tree import ROOT, lay_out

PLACED = {
    "deadline-config": {"client", "client/config"},
    "deadline-auth": {"client/auth"},
    "deadline-attachments": {"job_attachments"},
    "deadline-api": {"client/api", "client/job_bundle", "client/dataclasses", "common"},
    "deadline-cli": {"client/cli"},
    "deadline-gui": {"client/ui"},
    "deadline-mcp": {"mcp"},
}
"""The import packages of each distribution, below ``deadline``."""


def misplaced_packages() -> list[str]:
    """A sentence for each import package that stands in a distribution where nothing places it."""
    problems = []
    for distribution in sorted((ROOT / "packages").iterdir()):
        source = distribution / "src" / "deadline"
        placed = PLACED.get(distribution.name)
        if placed is None:
            problems.append(f"{distribution.name} has no place in tools/checks/imports.py.")
            continue
        for init in sorted(source.rglob("__init__.py")):
            package = init.parent.relative_to(source).as_posix()
            if not any(package == place or (place != "client" and package.startswith(f"{place}/")) for place in placed):
                problems.append(f"{distribution.name} ships deadline/{package}, which is not placed there.")
    return problems


def main() -> int:
    problems = misplaced_packages()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    merged = lay_out()
    environment = {**os.environ, "PYTHONPATH": str(merged)}
    # -c instead of the console script: the script's folder would come before the merged tree.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    status = subprocess.run([*command, "--no-cache"], cwd=ROOT, env=environment, check=False).returncode
    return 1 if problems else status


if __name__ == "__main__":
    raise SystemExit(main())
