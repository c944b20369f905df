"""The benchmark suite is no installed package: it is run from its folder, and found there by these tests."""

from __future__ import annotations

import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "tools" / "bench"

sys.path.insert(0, str(BENCH))

# The suite needs a POSIX system.
collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []
