"""Options that many commands share, and the configuration that they make.

Options override settings for one command: they change a copy of the configuration, never the settings file.
"""

from __future__ import annotations

import functools
from configparser import ConfigParser
from typing import Any, Callable, Optional, TypeVar, cast

import click

from .completion import values

Function = TypeVar("Function", bound=Callable[..., Any])

# In the order in which they are applied: later settings stand in sections that are named after earlier ones.
_OVERRIDES = {
    "profile": "defaults.aws_profile_name",
    "farm_id": "defaults.farm_id",
    "region": "defaults.farm_region",
    "queue_id": "defaults.queue_id",
    "storage_profile_id": "settings.storage_profile_id",
    "job_id": "defaults.job_id",
    "conflict_resolution": "settings.conflict_resolution",
}

profile_option = click.option(
    "--profile", metavar="NAME", shell_complete=values.profiles, help="The AWS profile to use."
)
farm_option = click.option("--farm-id", metavar="ID", shell_complete=values.resources("farm"), help="The farm to use.")
region_option = click.option(
    "--region", metavar="REGION", shell_complete=values.regions, help="The AWS region of the farm."
)
queue_option = click.option(
    "--queue-id", metavar="ID", shell_complete=values.resources("queue"), help="The queue to use."
)
job_option = click.option(
    "--job-id",
    metavar="ID",
    shell_complete=values.resources("job"),
    help="The job. Default: the one that was submitted last.",
)
storage_profile_option = click.option(
    "--storage-profile-id",
    metavar="ID",
    shell_complete=values.resources("storage-profile"),
    help="The storage profile of this workstation.",
)
yes_option = click.option("--yes", is_flag=True, help="Take the default answer to every question.")
output_option = click.option(
    "--output",
    type=click.Choice(["verbose", "json"], case_sensitive=False),
    help="The form of the output. Default: verbose on a terminal, else json.",
)
details_output_option = click.option(
    "--output",
    type=click.Choice(["verbose", "json"], case_sensitive=False),
    default="verbose",
    show_default=True,
    help="The form of the output: YAML, or JSON.",
)
report_output_option = click.option(
    "--output",
    type=click.Choice(["verbose", "json"], case_sensitive=False),
    default="verbose",
    show_default=True,
    help="The form of the output: text for people, or JSON.",
)
listing_output_option = click.option(
    "--output",
    type=click.Choice(["table", "verbose", "json"], case_sensitive=False),
    help="The form of the output: a table, YAML, or JSON. Default: table on a terminal, else verbose.",
)


def where(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Several options at once, in the order in which help shows them."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def json_options(function: Function) -> Function:
    """``--json``, or ``--output json`` as other commands have it; the function gets ``as_json``. Only what is asked for is
    JSON, whatever stdout is.
    """

    @functools.wraps(function)
    def called(*args: Any, as_json: bool, output: Optional[str], **kwargs: Any) -> Any:
        return function(*args, as_json=as_json or output == "json", **kwargs)

    options = where(
        click.option("--json", "as_json", is_flag=True, help="Print nothing but the result, as a JSON object."),
        click.option(
            "--output",
            type=click.Choice(["verbose", "json"], case_sensitive=False),
            default="verbose",
            show_default=True,
            help="The form of the output; json is the same as --json.",
        ),
    )
    return options(cast(Function, called))


farm_options = where(profile_option, farm_option, region_option)
queue_options = where(profile_option, farm_option, queue_option, region_option)
job_options = where(profile_option, farm_option, queue_option, job_option, region_option)


def configuration(*, yes: bool = False, **overrides: Any) -> ConfigParser:
    """A private copy of the settings, with the given options in place of what is stored.

    Also tells AWS requests which command makes them.
    """
    from deadline.client.config import set_setting

    config = overridden_settings(**overrides)
    if yes:
        set_setting("settings.auto_accept", "true", config)
    name_the_command()
    return config


def overridden_settings(**overrides: Any) -> ConfigParser:
    """A private copy of the settings, with those of the given options in place of what is stored that have a setting."""
    from deadline.client.config import set_setting
    from deadline.client.config.config_file import read_config

    config = read_config()
    for name, setting in _OVERRIDES.items():
        if overrides.get(name):
            set_setting(setting, overrides[name], config)
    return config


def required_job(config: ConfigParser) -> Any:
    """The farm, the queue and the job of a command; a usage error says what to do when they are not known."""
    from deadline.client.config import get_setting

    ids = required_farm_and_queue(config)
    job_id = get_setting("defaults.job_id", config)
    if not job_id:
        raise click.UsageError(
            "Which job? Name it with --job-id, or submit one: the last one submitted is the default."
        )
    return ids, job_id


def required_farm_and_queue(config: ConfigParser, *, queue: bool = True) -> Any:
    """The farm and the queue of a command; a usage error says what to do when they are not known."""
    from deadline.client.api.selection import resolve_farm_and_queue
    from deadline.client.exceptions import DeadlineOperationError

    try:
        return resolve_farm_and_queue(config, queue=queue)
    except DeadlineOperationError as error:
        raise click.UsageError(str(error)) from error


def name_the_command() -> None:
    from deadline.client.auth.client_config import session_context

    context = click.get_current_context(silent=True)
    if context is not None:
        session_context["cli-command-name"] = context.command_path.replace(" ", ".")
