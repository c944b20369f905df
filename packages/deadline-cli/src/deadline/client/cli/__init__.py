"""The ``deadline`` command line.

A thin face: each command turns its options into one call of :mod:`deadline.client.api` and prints the result.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line with the arguments of this process, and exit with its status."""
    from .app import run

    run()
