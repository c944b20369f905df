"""What can go wrong in a benchmark without ending it."""

from __future__ import annotations


class BenchError(Exception):
    """Something of the bench could not be had or done; the message says what and why, in one line."""


class RunFailed(BenchError):
    """A contestant's run ended with an error, took too long, or did not do the work."""
