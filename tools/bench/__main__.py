"""``uv run python tools/bench``: times the transfer engine against the tools that people would use instead."""

from __future__ import annotations

from transfer_bench.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
