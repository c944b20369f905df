"""Options that many commands share, and the configuration that they make.

Options override settings for one command: they change a copy of the configuration, never the settings file.
"""

from __future__ import annotations

import functools
from configparser import ConfigParser
from typing import Any, Callable, Optional, Sequence, TypeVar, cast

import click

from .completion import values
from .overrides import overridden_settings

Function = TypeVar("Function", bound=Callable[..., Any])


class Choice(click.Choice):  # type: ignore[type-arg,unused-ignore]  # newer releases of click have one
    """One of several words, in any case. Help and errors have them as they are written here, as not all releases of click do."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words, case_sensitive=False)

    def get_metavar(self, param: click.Parameter, ctx: Optional[click.Context] = None) -> str:
        return f"[{'|'.join(self.choices)}]"

    def get_invalid_choice_message(self, value: Any, ctx: Optional[click.Context] = None) -> str:
        return f"{value!r} is not one of {', '.join(map(repr, self.choices))}."


class WholeNumber(click.IntRange):
    """A whole number within bounds, of which errors tell in words."""

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Optional[click.Context]) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is not a whole number {self._bounds()}.", param, ctx)

    def _bounds(self) -> str:
        if self.max is None:
            return f"of at least {self.min}"
        return f"from {self.min} to {self.max}"


profile_option = click.option(
    "--profile",
    metavar="NAME",
    shell_complete=values.profiles,
    help="The AWS profile. Default: the setting defaults.aws_profile_name.",
)
farm_option = click.option(
    "--farm-id",
    metavar="ID",
    shell_complete=values.resources("farm"),
    help="The farm. Default: the setting defaults.farm_id.",
)
region_option = click.option(
    "--region",
    metavar="REGION",
    shell_complete=values.regions,
    help="The farm's region. Default: the setting defaults.farm_region.",
)
queue_option = click.option(
    "--queue-id",
    metavar="ID",
    shell_complete=values.resources("queue"),
    help="The queue. Default: the setting defaults.queue_id.",
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
    help="The storage profile of this workstation. Default: the setting settings.storage_profile_id.",
)
yes_option = click.option("--yes", is_flag=True, help="Take the default answer to every question.")
output_option = click.option(
    "--output",
    type=Choice(["verbose", "json"]),
    help="The form of the output. Default: verbose on a terminal, else json.",
)
details_output_option = click.option(
    "--output",
    type=Choice(["verbose", "json"]),
    default="verbose",
    show_default=True,
    help="The form of the output: YAML, or JSON.",
)
report_output_option = click.option(
    "--output",
    type=Choice(["verbose", "json"]),
    default="verbose",
    show_default=True,
    help="The form of the output: text, or JSON.",
)
listing_output_option = click.option(
    "--output",
    type=Choice(["table", "verbose", "json"]),
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
            type=Choice(["verbose", "json"]),
            default="verbose",
            show_default=True,
            help="The form of the output; json is as --json.",
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


def required_job(config: ConfigParser) -> Any:
    """The farm, the queue and the job of a command; a usage error says what to do when they are not known."""
    from deadline.client.config import get_setting

    ids = required_farm_and_queue(config)
    job_id = get_setting("defaults.job_id", config)
    if not job_id:
        what = "Which job? Name it with --job-id, or submit one: the last one submitted is the default."
        raise which_one(what, "job", config, farm_id=ids.farm_id, queue_id=ids.queue_id)
    return ids, job_id


def which_one(question: str, kind: str, config: ConfigParser, **ids: str) -> click.UsageError:
    """The error for an id that was not given, with the resources that there are; ``ids`` are those that they are within."""
    from deadline.client.api.suggestions import available

    return click.UsageError("\n".join([question, *available(kind, **ids, config=config)]))


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
