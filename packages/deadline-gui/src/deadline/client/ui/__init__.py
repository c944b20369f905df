"""The windows of the client, for the command line and for hosts such as content creation tools.

Importing this package needs no Qt; what needs it is imported when it is used, always through qtpy, which takes the
binding that the host has loaded.

======================  ============================================================================
module                  subject
======================  ============================================================================
:mod:`.dialogs`         the windows: :class:`~.dialogs.DeadlineConfigDialog`
:mod:`.widgets`         fields for windows of one's own: path pickers
:mod:`.settings`        what is behind the settings window: a model without Qt, and its widgets
:mod:`.background`      calls of AWS in threads, with their results as signals
:mod:`.application`     the application around a window that the command line opens
:mod:`.messages`        errors as boxes
:mod:`.appearance`      colours and small things that follow the palette
:mod:`.cli_commands`    the command ``deadline config gui``
======================  ============================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from .application import gui_context_for_cli as gui_context_for_cli
    from .messages import gui_error_handler as gui_error_handler
    from .signals import block_signals as block_signals

_EXPORTS = {
    "block_signals": ".signals",
    "gui_context_for_cli": ".application",
    "gui_error_handler": ".messages",
}

__all__ = ["block_signals", "gui_context_for_cli", "gui_error_handler"]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_EXPORTS[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *_EXPORTS})
