"""``deadline bundle submit``."""

from __future__ import annotations

import os
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

import click

from ... import prompts
from ...completion import values
from ...errors import Interrupted
from ...interrupts import Interrupt, stopping_on_ctrl_c
from ...options import (
    configuration,
    queue_options,
    required_farm_and_queue,
    storage_profile_option,
    where,
    yes_option,
)
from ...output import print_yaml
from ...progress import TransferBar
from ...services import service_errors

if TYPE_CHECKING:
    from deadline.client.api.submission.request import SubmissionRequest

SUBMITTER_NAME = "CLI"

_PLACE = ("profile", "farm_id", "queue_id", "region", "storage_profile_id")
"""Options that send a job elsewhere than the settings say; such a job does not become the default job."""


class CommandLineHost:
    """Shows what a submission does, asks at the terminal, and stops it on Ctrl-C."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._may_be_created = False
        self._hashing = TransferBar("Hashing Attachments", interrupt)
        self._uploading = TransferBar("Uploading Attachments", interrupt)

    @property
    def cancelled(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return not self._interrupt.go_on()

    def show(self, message: str) -> None:
        """Print the message, or stop where Ctrl-C was pressed and there is no job yet."""
        if not self._may_be_created and not self._interrupt.go_on():
            raise Interrupted("The job was not submitted.")
        click.echo(message)

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Ask at the terminal, where there is one."""
        if not prompts.can_ask():
            return None
        with self._interrupt.at_once():
            return prompts.confirm(message, default=default, option="--yes")

    def hashing(self, report: Any) -> bool:
        """Move the first bar."""
        return self._hashing(report)

    def uploading(self, report: Any) -> bool:
        """Move the second bar."""
        return self._uploading(report)

    def ready_to_create(self) -> bool:
        """Unless Ctrl-C was pressed."""
        self._may_be_created = self._interrupt.go_on()
        return self._may_be_created

    def keep_waiting(self) -> bool:
        """Unless Ctrl-C was pressed."""
        return self._interrupt.go_on()

    def end_bars(self) -> None:
        """Leave bars that did not come to their end, so that messages begin on a line of their own."""
        self._hashing.end()
        self._uploading.end()


def _parse_parameters(context: click.Context, option: click.Parameter, texts: Tuple[str, ...]) -> List[Dict[str, Any]]:
    if not texts:
        return []
    from deadline.client.exceptions import DeadlineOperationError
    from deadline.client.job_bundle.parameter_arguments import parse_parameter_arguments

    try:
        return parse_parameter_arguments(texts)
    except DeadlineOperationError as error:
        raise click.BadParameter(str(error), ctx=context, param=option) from error


@click.command()
@click.argument("job_bundle_dir", shell_complete=values.files)
@click.option(
    *("-p", "--parameter", "job_parameters"),
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parse_parameters,
    help="The value of a job parameter: Name=Value, a JSON object, or file:// and the path of a JSON or YAML file. "
    "Of several values the last counts. Relative paths begin at the working directory.",
)
@where(queue_options, storage_profile_option)
@click.option("--name", metavar="TEXT", help="The name of the job, instead of the template's.")
@click.option(
    "--priority", type=click.IntRange(0, 100), help="The priority of the job. Default: the bundle's, else 50."
)
@click.option("--max-failed-tasks-count", type=int, help="After how many failed tasks the job fails.")
@click.option("--max-retries-per-task", type=int, help="How often a failed task is tried again.")
@click.option("--max-worker-count", type=int, help="How many workers may work on the job; -1 is no limit.")
@click.option(
    "--target-task-run-status",
    type=click.Choice(["READY", "SUSPENDED"], case_sensitive=False),
    help="Whether the job begins at once, or waits to be resumed.",
)
@click.option(
    "--job-attachments-file-system",
    type=click.Choice(["COPIED", "VIRTUAL"], case_sensitive=False),
    help="Whether workers copy all input files before they begin, or read them when they are opened.",
)
@click.option("--require-paths-exist", is_flag=True, help="Take a missing input file or folder for an error.")
@click.option(
    "--known-asset-path",
    "known_asset_paths",
    metavar="FOLDER",
    shell_complete=values.folders,
    multiple=True,
    help="A folder from which files may be uploaded without a warning. May be given several times.",
)
@click.option(
    "--force-s3-check/--no-force-s3-check",
    default=None,
    help="Ask S3 whether a file is there, instead of trusting what this machine remembers.",
)
@click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Files below input folders that are not uploaded, such as '**/*.tmp'. May be given several times.",
)
@click.option(
    "--save-debug-snapshot",
    "snapshot",
    metavar="FOLDER",
    shell_complete=values.folders,
    help="Create no job, but write all that would be sent to this folder; or to an archive, where the name ends in .zip.",
)
@click.option("--dry-run", is_flag=True, help="Do nothing, but print what would be done.")
@click.option(
    "--submitter-name", metavar="TEXT", default=SUBMITTER_NAME, help="The program that submits, for AWS support."
)
@yes_option
def submit(
    job_bundle_dir: str,
    job_parameters: List[Dict[str, Any]],
    yes: bool,
    snapshot: Optional[str],
    dry_run: bool,
    **options: Any,
) -> None:
    """Submit the job bundle in the folder or .ojd file JOB_BUNDLE_DIR.

    Its input files are hashed, and those that the queue's S3 bucket does not have are uploaded. Before that you are asked,
    unless --yes is given; files from folders that neither the bundle nor you named are never uploaded unasked.

    The output ends with the id of the job, on a line of its own. With a profile of a Deadline Cloud monitor the address of
    the job's page follows. Other commands take that job when you name none.

    \b
    Examples:
      deadline bundle submit my-job/
      deadline bundle submit my-job/ --name "Shot 7" -p Frames=1-100 -p Quality=high
      deadline bundle submit my-job/ -p file://values.yaml --priority 80 --yes
      deadline bundle submit my-job/ --dry-run
    """
    from deadline.client.api.submission.submit import save_debug_snapshot, submit_job_bundle

    if dry_run and snapshot:
        raise click.UsageError("--dry-run does nothing, and so writes no debug snapshot. Leave one of the two out.")
    place = {name: options.pop(name) for name in _PLACE}
    config = configuration(yes=yes, **place)
    ids = required_farm_and_queue(config)
    known = tuple(os.path.abspath(os.path.expanduser(path)) for path in options.pop("known_asset_paths"))
    request = _request(bundle_dir=job_bundle_dir, job_parameters=job_parameters, known_asset_paths=known, **options)
    job_id = ""
    with stopping_on_ctrl_c() as interrupt:
        host = CommandLineHost(interrupt)
        try:
            with service_errors(f"submit {job_bundle_dir}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
                if dry_run:
                    _print_description(request, config)
                elif snapshot:
                    save_debug_snapshot(request, snapshot, host, config, cancel=host)
                else:
                    job_id = submit_job_bundle(request, host, config, cancel=host).job_id
        finally:
            host.end_bars()
    if job_id and not any(place.values()):
        _remember(job_id)


def _request(**members: Any) -> SubmissionRequest:
    from deadline.client.api.submission.request import SubmissionRequest

    return SubmissionRequest(**members)


def _print_description(request: SubmissionRequest, config: ConfigParser) -> None:
    from deadline.client.api.submission.description import describe_request

    print_yaml(describe_request(request, config))


def _remember(job_id: str) -> None:
    """Make a job the default of other commands. The job is there, so that a failure of this is none of the command."""
    from deadline.client.config import set_setting
    from deadline.client.exceptions import DeadlineOperationError

    try:
        set_setting("defaults.job_id", job_id)
    except DeadlineOperationError as error:
        click.echo(f"{error}\nThe job has not become the default job: name it with --job-id.", err=True)
