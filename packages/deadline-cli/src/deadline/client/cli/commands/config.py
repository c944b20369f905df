"""``deadline config``."""

from __future__ import annotations

import textwrap
from typing import Optional

import click

from ..lazy import LazyGroup
from ..options import output_option
from ..output import print_json, wants_json

SETTING_FILE = "settings.config_file_path"


class _ConfigGroup(LazyGroup):
    """Lists the settings below its commands."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from deadline.client.config.config_file import SETTINGS

        with formatter.section("Settings"):
            formatter.write_dl([(name, entry["description"]) for name, entry in SETTINGS.items()])


@click.group(cls=_ConfigGroup)
def config() -> None:
    """Show and change the settings of this workstation.

    Settings live in ~/.deadline/config, or in the file that DEADLINE_CONFIG_FILE_PATH names. Some depend on others: each
    profile has its own farm, each farm its own queue.

    \b
    Examples:
      deadline config show
      deadline config set defaults.farm_id farm-0123456789abcdef0123456789abcdef
      deadline config clear settings.auto_accept
    """


@config.command()
@output_option
def show(output: Optional[str]) -> None:
    """Show every setting with its value and meaning.

    \b
    Examples:
      deadline config show
      deadline config show --output json
    """
    from deadline.client.config import get_setting, get_setting_default
    from deadline.client.config.config_file import SETTINGS, get_config_file_path, read_config

    settings = read_config()
    if wants_json(output):
        values = {name: get_setting(name, settings) for name in SETTINGS}
        print_json({SETTING_FILE: str(get_config_file_path()), **values})
        return
    click.echo(f"AWS Deadline Cloud configuration file:\n   {get_config_file_path()}\n")
    for name, entry in SETTINGS.items():
        value = get_setting(name, settings)
        default = "(default)" if value == get_setting_default(name, settings) else ""
        click.echo(f"{click.style(name, bold=True)}: {value} {default}")
        click.echo(textwrap.fill(entry["description"], 80, initial_indent="   ", subsequent_indent="   "))
        click.echo()


@config.command()
@click.argument("setting_name")
def get(setting_name: str) -> None:
    """Print the value of a setting.

    \b
    Example:
      deadline config get defaults.farm_id
    """
    from deadline.client.config import get_setting

    click.echo(get_setting(setting_name))


@config.command("set")
@click.argument("setting_name")
@click.argument("value")
def set_(setting_name: str, value: str) -> None:
    """Set a setting.

    \b
    Example:
      deadline config set settings.log_level INFO
    """
    from deadline.client.config import set_setting

    set_setting(setting_name, value)


@config.command()
@click.argument("setting_name")
def clear(setting_name: str) -> None:
    """Remove a setting, so that its default applies.

    \b
    Example:
      deadline config clear settings.log_level
    """
    from deadline.client.config import clear_setting

    clear_setting(setting_name)
