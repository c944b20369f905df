"""The reference of the command line says what the commands are, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(REFERENCE.glob("*.md"))


def anchors(page: Path) -> set[str]:
    """As which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_are_what_the_commands_are() -> None:
    script = ROOT / "tools" / "release" / "cli_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8"))
    assert links
    for path, anchor in links:
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), anchor


def test_all_variables_of_this_client_are_in_the_reference() -> None:
    sources = [path for path in ROOT.glob("packages/*/src/**/*.py") if "job_attachments" not in path.parts]
    read = {
        name
        for path in sources
        for name in re.findall(
            r"environ(?:\.get\(|\[)\s*[\"'](DEADLINE_\w+)|ENV_VAR = [\"'](DEADLINE_\w+)",
            path.read_text(encoding="utf-8"),
        )
        for name in name
        if name
    }
    assert {"DEADLINE_CONFIG_FILE_PATH", "DEADLINE_CLOUD_REGIONS"} <= read
    index = (REFERENCE / "index.md").read_text(encoding="utf-8")
    assert [name for name in read if f"`{name}`" not in index] == []
