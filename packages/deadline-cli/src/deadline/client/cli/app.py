"""The root of the command tree, its global options, and how the program begins and ends."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from typing import Iterator, Optional, TextIO

import click

from deadline.client import version

from .completion import VARIABLE as COMPLETION_VARIABLE, values
from .errors import reported
from .lazy import LazyGroup
from .options import Choice

LOG_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG")

COMMANDS = {
    "attachment": ("commands.attachment:attachment", "Bring the files that manifest files name to S3 and back."),
    "auth": ("commands.auth:auth", "Log in and out, and see how you are signed in to AWS."),
    "bundle": ("commands.bundle:bundle", "Submit job bundles, and share them with the users of a queue."),
    "completion": ("commands.completion:completion", "Print a script that completes words when Tab is pressed."),
    "config": ("commands.config:config", "Show and change the settings of this workstation."),
    "doctor": ("commands.doctor:doctor", "Find out what keeps this machine from working with AWS Deadline Cloud."),
    "farm": ("commands.farm:farm", "List farms and their details."),
    "fleet": ("commands.fleet:fleet", "List fleets and their details."),
    "handle-web-url": ("commands.handle_web_url:handle_web_url", "Do what a deadline:// address asks for."),
    "job": ("commands.job:job", "Watch jobs and change them, read their logs, download their outputs."),
    "manifest": ("commands.manifest:manifest", "Make manifest files, compare them, bring them to S3 and back."),
    "queue": ("commands.queue:queue", "List queues and their details."),
    "worker": ("commands.worker:worker", "List workers and their details."),
}

VARIABLES = {
    "DEADLINE_CONFIG_FILE_PATH": "The settings file, instead of ~/.deadline/config.",
    "DEADLINE_CLOUD_REGIONS": "The AWS regions in which to look for farms, separated by commas.",
    "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true: send no telemetry.",
    "DEADLINE_HOOKS_DIR": "A folder of hooks for submissions; see settings.allow_environment_hooks.",
    "AWS_PROFILE": "The AWS profile, where --profile and the settings name none.",
    "NO_COLOR": "Where it is set, nothing is coloured.",
}
"""The environment variables that users set most often; the reference of the command line has all."""


class _Root(LazyGroup):
    """Lists environment variables below its commands."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Environment variables"):
            formatter.write_dl(list(VARIABLES.items()))


@click.group(
    cls=_Root,
    commands_by_name=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version, prog_name="deadline")
@click.option(
    "--log-level",
    type=Choice(LOG_LEVELS),
    help="How much to log to stderr. Default: the setting settings.log_level.",
)
@click.option(
    "--redirect-output",
    metavar="FILE",
    shell_complete=values.files,
    help="Write everything that would be printed to a file instead.",
)
@click.option(
    "--redirect-mode",
    type=Choice(["append", "replace"]),
    default="append",
    show_default=True,
    help="What to do with a file that --redirect-output names and that exists.",
)
@click.pass_context
def cli(context: click.Context, log_level: Optional[str], redirect_output: Optional[str], redirect_mode: str) -> None:
    """AWS Deadline Cloud from the command line: submit jobs, watch them, download what they made.

    \b
    Examples:
      deadline farm list
      deadline bundle submit my-job/
      deadline job wait
      deadline job download-output
    """
    if redirect_output is not None:
        # Messages about errors are printed when this context has ended: `run` gives a stack that ends after them.
        stack = context.find_object(contextlib.ExitStack)
        redirected = _redirected(redirect_output, redirect_mode)
        context.with_resource(redirected) if stack is None else stack.enter_context(redirected)
    _start_logging(log_level)


def run() -> None:
    """Run the command line and exit."""
    _prepare_streams()
    asked = os.environ.get(COMPLETION_VARIABLE)
    if asked:
        from .completion.shell import answer

        answer(cli, asked)
    with contextlib.ExitStack() as stack, reported():
        code = cli.main(prog_name="deadline", standalone_mode=False, obj=stack)
        # What cannot be printed is to be noticed here, not when Python ends.
        sys.stdout.flush()
        # click returns the exit code of commands that end by `Exit`, as those do that show help.
        sys.exit(code if isinstance(code, int) else 0)


def _prepare_streams() -> None:
    """See to it that printing works whatever is printed and wherever to."""
    if sys.stdout is None or sys.stderr is None:
        # `deadlinew` has no console on Windows.
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = "utf-8" if sys.platform == "win32" else None
            # A file's name need not be text in the terminal's encoding, nor in any.
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


@contextlib.contextmanager
def _redirected(path: str, mode: str) -> Iterator[None]:
    """Send stdout and stderr to a file, a line at a time."""
    try:
        file: TextIO = open(  # noqa: SIM115
            path, "a" if mode == "append" else "w", encoding="utf-8", errors="backslashreplace", buffering=1
        )
    except OSError as error:
        raise click.BadParameter(
            f"{path} cannot be written: {error.strerror or error}.", param_hint="--redirect-output"
        ) from error
    with file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        yield


def _start_logging(log_level: Optional[str]) -> None:
    # First, for the warning about a level in the settings that is none.
    logging.basicConfig(format="%(levelname)s:%(name)s:%(message)s", stream=sys.stderr, force=True)
    level = (log_level or _log_level_of_the_settings()).upper()
    logging.getLogger().setLevel(level)
    # It logs with a traceback what it raises too.
    logging.getLogger("botocore.credentials").setLevel(logging.NOTSET if level == "DEBUG" else logging.CRITICAL)
    logging.getLogger(__name__).debug("Debug logging is on")


def _log_level_of_the_settings() -> str:
    from deadline.client.config import get_setting
    from deadline.client.exceptions import DeadlineOperationError

    try:
        return get_setting("settings.log_level")
    except DeadlineOperationError:
        # Help does not need the settings; commands that do will say what is wrong with them.
        return "WARNING"
