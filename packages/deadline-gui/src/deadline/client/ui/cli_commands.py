"""The command ``deadline config gui``, which the command line finds by an entry point."""

from __future__ import annotations

import click


@click.command("gui")
@click.option("--install-gui", is_flag=True, help="Install a Qt binding with pip where there is none.")
def config_gui(install_gui: bool) -> None:
    """Show and change the settings in a window.

    Nothing is saved before OK or Apply. Farms, queues and storage profiles are offered as AWS lists them.

    \b
    Example:
      deadline config gui
    """
    from .application import gui_context_for_cli

    with gui_context_for_cli(automatically_install_dependencies=install_gui):
        from .dialogs import DeadlineConfigDialog

        DeadlineConfigDialog.configure_settings()
