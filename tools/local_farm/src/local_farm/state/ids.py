"""Identifiers in the service's forms."""

from __future__ import annotations

import uuid


def new_id(kind: str) -> str:
    """A new id such as ``farm-0123456789abcdef0123456789abcdef``."""
    return f"{kind}-{uuid.uuid4().hex}"


CALLER = "arn:aws:sts::123456789012:assumed-role/local-farm/user"
"""Who does everything on a local farm."""
