"""A door: hooks under the path by which other programs import them."""

from __future__ import annotations

from .hooks.consent import describe_hooks as _generate_hooks_confirmation_message
from .hooks.manager import HookManager, collect_pre_gui_hook_sources, collect_submission_hook_sources

__all__ = [
    "HookManager",
    "_generate_hooks_confirmation_message",
    "collect_pre_gui_hook_sources",
    "collect_submission_hook_sources",
]
