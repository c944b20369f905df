"""Gives every distribution one version.

``python tools/release/set_version.py 0.60.12`` writes the version into the root ``pyproject.toml``, from where all
others are measured, into each package's ``pyproject.toml``, into the exact pins between the packages and into the two
``_version.py`` modules; ``uv lock`` afterwards. ``--check`` writes nothing and fails where a place differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev|\.post)\d+)?"
PLACES = (
    re.compile(rf'(?m)^(version = ")({VERSION})(")'),
    re.compile(rf"(\bdeadline-[a-z]+==)({VERSION})()"),
)
"""What stands before, the version, and what stands after."""


def versioned_files() -> list[Path]:
    """Every file that names the version of our distributions, the root's first."""
    return [
        ROOT / "pyproject.toml",
        *sorted(ROOT.glob("packages/*/pyproject.toml")),
        *sorted(ROOT.glob("tools/*/pyproject.toml")),
        *sorted(ROOT.glob("packages/*/src/deadline/**/_version.py")),
    ]


def found_versions(path: Path) -> set[str]:
    """The versions that ``path`` names."""
    text = path.read_text(encoding="utf-8")
    return {match.group(2) for place in PLACES for match in place.finditer(text)}


def write(path: Path, version: str) -> None:
    """Replace each version that ``path`` names by ``version``."""
    text = path.read_text(encoding="utf-8")
    for place in PLACES:
        text = place.sub(rf"\g<1>{version}\g<3>", text)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="?", help="the new version, such as 0.60.12")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where versions differ")
    arguments = parser.parse_args()
    files = versioned_files()
    if arguments.check:
        expected = found_versions(files[0])
        wrong = [path for path in files if found_versions(path) != expected]
        for path in wrong:
            found = ", ".join(sorted(found_versions(path))) or "no version"
            sys.stderr.write(f"{path.relative_to(ROOT)} names {found}, not {', '.join(sorted(expected))}.\n")
        return 1 if wrong or len(expected) != 1 else 0
    if not arguments.version or not re.fullmatch(VERSION, arguments.version):
        parser.error("give the new version, such as 0.60.12")
    for path in files:
        write(path, arguments.version)
    sys.stdout.write(f"{len(files)} files now say {arguments.version}. Run `uv lock` to take it into uv.lock.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
