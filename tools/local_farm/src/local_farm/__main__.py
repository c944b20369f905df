"""``python -m local_farm`` is ``local-farm``."""

from __future__ import annotations

from local_farm.cli import main

if __name__ == "__main__":
    main()
