"""``deadline config``."""

from __future__ import annotations

import textwrap
from typing import Optional

import click

from ..completion.values import setting_values, settings as setting_names
from ..lazy import LazyGroup
from ..options import Choice, output_option
from ..output import print_json, styled, wants_json

SETTING_FILE = "settings.config_file_path"

setting_argument = click.argument("setting_name", shell_complete=setting_names)


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

    User and password of a proxy are hidden; deadline config get settings.https_proxy prints them.

    \b
    Examples:
      deadline config show
      deadline config show --output json
    """
    from deadline.client.config import get_setting, get_setting_default
    from deadline.client.config.config_file import SETTINGS, get_config_file_path, read_config
    from deadline.client.config.inspection import shown_value

    settings = read_config()
    if wants_json(output):
        values = {name: shown_value(name, get_setting(name, settings)) for name in SETTINGS}
        print_json({SETTING_FILE: str(get_config_file_path()), **values})
        return
    click.echo(f"AWS Deadline Cloud configuration file:\n   {get_config_file_path()}\n")
    for name, entry in SETTINGS.items():
        value = get_setting(name, settings)
        default = styled("(default)", dim=True) if value == get_setting_default(name, settings) else ""
        click.echo(f"{styled(name, bold=True)}: {shown_value(name, value)} {default}")
        click.echo(textwrap.fill(entry["description"], 80, initial_indent="   ", subsequent_indent="   "))
        click.echo()


@config.command()
@setting_argument
@click.option(
    "--output",
    type=Choice(["verbose", "json"]),
    default="verbose",
    show_default=True,
    help="The form of the output: the value alone, or a JSON object of name and value.",
)
def get(setting_name: str, output: str) -> None:
    """Print the value of the setting SETTING_NAME: its default where it is not set.

    \b
    Examples:
      deadline config get defaults.farm_id
      deadline config get settings.log_level --output json
    """
    from deadline.client.config import get_setting

    value = get_setting(setting_name)
    if output.lower() == "json":
        print_json({setting_name: value})
    else:
        click.echo(value)


@config.command("set")
@setting_argument
@click.argument("value", shell_complete=setting_values)
def set_(setting_name: str, value: str) -> None:
    """Set the setting SETTING_NAME to VALUE, for the profile, the farm and the queue that are in use.

    \b
    Examples:
      deadline config set settings.log_level INFO
      deadline config set defaults.farm_id farm-0123456789abcdef0123456789abcdef
    """
    from deadline.client.config import set_setting

    set_setting(setting_name, value)


@config.command()
@setting_argument
def clear(setting_name: str) -> None:
    """Remove the setting SETTING_NAME, so that its default applies.

    \b
    Example:
      deadline config clear settings.log_level
    """
    from deadline.client.config import clear_setting

    clear_setting(setting_name)
