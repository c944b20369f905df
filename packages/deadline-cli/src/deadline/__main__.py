"""``python -m deadline`` is the ``deadline`` command."""

from __future__ import annotations

from deadline.client.cli import main

if __name__ == "__main__":
    main()
