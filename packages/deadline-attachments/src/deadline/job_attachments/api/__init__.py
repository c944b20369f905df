"""Operations on manifests and attachments, and helpers to show them."""

from __future__ import annotations

from .._human_size import human_readable_file_size

__all__ = ["human_readable_file_size"]
