"""The tools that the server offers."""

from __future__ import annotations

from typing import Any

from ..tool import Tool
from .farms import LIST_FARMS

TOOLS: dict[str, Tool[Any]] = {tool.name: tool for tool in (LIST_FARMS,)}
"""Every tool by its name, in the order in which they are listed."""
