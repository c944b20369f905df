"""Decoding and encoding a large manifest."""

from __future__ import annotations

from typing import Iterator

from ..clients import DeadlineClient
from ..model import Case
from ..targets import of_peer
from ..workbench import EXISTING, Prepare, Workbench, simply

ENTRIES = 1_000_000


def manifest(bench: Workbench) -> Iterator[Case]:
    """A million entries; time without that of reading the text, memory of the whole process."""
    if "cold" not in bench.options.states:
        return
    text = bench.manifest_text(max(1, round(ENTRIES * bench.options.scale)))

    def prepare(client: DeadlineClient) -> Prepare:
        return simply(client.command("manifest", {"text": str(text)}))

    shown = {"decode": "decode s", "encode": "encode s"}
    targets = [of_peer("inner_wall", EXISTING, 1 / 2), of_peer("rss", EXISTING, 1 / 2)]
    yield Case("manifest", "", bench.deadline_contestants(prepare), targets, shown=shown)
