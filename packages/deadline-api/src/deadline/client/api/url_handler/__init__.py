"""Making a program the one that opens addresses of the scheme ``deadline``, for web browsers and other programs.

>>> from deadline.client.api.url_handler import install_url_handler, uninstall_url_handler
>>> install_url_handler(["/usr/bin/deadline"])  # doctest: +SKIP
'/home/me/.local/share/applications/deadline.desktop'

The program is run with ``handle-web-url``, the address, and ``--prompt-when-complete``, on a terminal.

======================  ==========================================================================
module                  subject
======================  ==========================================================================
:mod:`.windows`         keys of the registry
:mod:`.freedesktop`     desktop entries, as Linux and BSD desktops have them
:mod:`.mime_apps`       the file that says which desktop entry is the default for what
:mod:`.macos`           an application that passes addresses on
======================  ==========================================================================
"""

from __future__ import annotations

import sys
from typing import Optional, Protocol, Sequence

SCHEME = "deadline"
ARGUMENT = "handle-web-url"
PROMPT = "--prompt-when-complete"


class UrlHandler(Protocol):
    """How a system is told who opens the addresses."""

    def install(self, program: Sequence[str], *, all_users: bool) -> str:
        """Make a program the one; say where that is noted."""

    def uninstall(self, *, all_users: bool) -> Optional[str]:
        """Take that back; say where it was noted, or ``None`` where it was not."""


def install_url_handler(
    program: Sequence[str], *, all_users: bool = False, handler: Optional[UrlHandler] = None
) -> str:
    """Let a program open addresses of the scheme ``deadline``.

    Args:
        program: The path of the program, and arguments that go before others.
        all_users: For all users of this machine, which takes an administrator; else for this user alone.
        handler: How the system is told, instead of the way of this system.

    Returns:
        Where that is noted: a path, or a key of the registry.

    Raises:
        DeadlineOperationError: It could not be noted.
    """
    return (handler or system_handler()).install(program, all_users=all_users)


def uninstall_url_handler(*, all_users: bool = False, handler: Optional[UrlHandler] = None) -> Optional[str]:
    """Take back what :func:`install_url_handler` did; arguments and errors as there.

    Returns:
        Where it was noted; ``None`` where it was not.
    """
    return (handler or system_handler()).uninstall(all_users=all_users)


def system_handler(platform: str = sys.platform) -> UrlHandler:
    """The way of a system, by its name as in :data:`sys.platform`."""
    if platform == "win32":
        from .windows import WindowsHandler

        return WindowsHandler()
    if platform == "darwin":
        from .macos import MacHandler

        return MacHandler()
    from .freedesktop import FreedesktopHandler

    return FreedesktopHandler()
