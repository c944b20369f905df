"""``deadline bundle submit``."""

from __future__ import annotations

import os
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import (
    Choice,
    WholeNumber,
    configuration,
    queue_options,
    report_output_option,
    required_farm_and_queue,
    storage_profile_option,
    where,
    yes_option,
)
from ...output import print_json, print_yaml, wants_json
from ...services import service_errors
from .submission_host import CommandLineHost, JsonHost

if TYPE_CHECKING:
    from deadline.client.api.submission.request import SubmissionRequest

SUBMITTER_NAME = "CLI"

_PLACE = ("profile", "farm_id", "queue_id", "region", "storage_profile_id")
"""Options that send a job elsewhere than the settings say; such a job does not become the default job."""


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
    "--priority",
    type=WholeNumber(0, 100),
    metavar="NUMBER",
    help="The priority of the job. Default: the bundle's, else 50.",
)
@click.option(
    "--max-failed-tasks-count",
    type=int,
    metavar="NUMBER",
    help="After how many failed tasks the job fails. Default: the bundle's, else the setting settings.max_failed_tasks_count.",
)
@click.option(
    "--max-retries-per-task",
    type=int,
    metavar="NUMBER",
    help="How often a failed task is tried again. Default: the bundle's, else the setting settings.max_retries_per_task.",
)
@click.option(
    "--max-worker-count",
    type=int,
    metavar="NUMBER",
    help="How many workers may work on the job; -1 is no limit. Default: the bundle's, else no limit.",
)
@click.option(
    "--target-task-run-status",
    type=Choice(["READY", "SUSPENDED"]),
    help="Whether the job begins at once, or waits to be resumed. Default: the bundle's, else READY.",
)
@click.option(
    "--job-attachments-file-system",
    type=Choice(["COPIED", "VIRTUAL"]),
    help="Whether workers copy all input files before they begin, or read them when they are opened. "
    "Default: the setting defaults.job_attachments_file_system.",
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
    help="Ask S3 whether a file is there, instead of trusting what this machine remembers. "
    "Default: the setting settings.force_s3_check.",
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
    "--submitter-name",
    metavar="TEXT",
    default=SUBMITTER_NAME,
    show_default=True,
    help="The program that submits, for AWS support.",
)
@yes_option
@report_output_option
def submit(
    job_bundle_dir: str,
    job_parameters: List[Dict[str, Any]],
    yes: bool,
    snapshot: Optional[str],
    dry_run: bool,
    output: str,
    **options: Any,
) -> None:
    """Submit the job bundle in the folder or .ojd file JOB_BUNDLE_DIR.

    Its input files are hashed, and those that the queue's S3 bucket does not have are uploaded. Before that you are asked,
    unless --yes is given; files from folders that neither the bundle nor you named are never uploaded unasked.

    The output ends with the id of the job, on a line of its own. With a profile of a Deadline Cloud monitor the address of
    the job's page follows. Other commands take that job when you name none. As JSON the result is an object with jobId, farmId,
    queueId, message and jobUrl; nobody is asked then, and messages go to stderr.

    \b
    Examples:
      deadline bundle submit my-job/
      deadline bundle submit my-job/ --name "Shot 7" -p Frames=1-100 -p Quality=high
      deadline bundle submit my-job/ -p file://values.yaml --priority 80 --yes
      deadline bundle submit my-job/ --dry-run
      deadline bundle submit my-job/ --yes --output json
    """
    from deadline.client.api.submission.submit import save_debug_snapshot, submit_job_bundle

    if dry_run and snapshot:
        raise click.UsageError("--dry-run does nothing, and so writes no debug snapshot. Leave one of the two out.")
    place = {name: options.pop(name) for name in _PLACE}
    config = configuration(yes=yes, **place)
    ids = required_farm_and_queue(config)
    known = tuple(os.path.abspath(os.path.expanduser(path)) for path in options.pop("known_asset_paths"))
    request = _request(bundle_dir=job_bundle_dir, job_parameters=job_parameters, known_asset_paths=known, **options)
    as_json, job_id = wants_json(output), ""
    result: Dict[str, Any] = {}
    with stopping_on_ctrl_c() as interrupt:
        host = JsonHost(interrupt) if as_json else CommandLineHost(interrupt)
        try:
            with service_errors(
                f"submit {job_bundle_dir} to queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id
            ):
                if dry_run:
                    _print_description(request, config, as_json)
                elif snapshot:
                    written = save_debug_snapshot(request, snapshot, host, config, cancel=host)
                    result = {"debugSnapshot": written}
                else:
                    submitted = submit_job_bundle(request, host, config, cancel=host)
                    job_id, result = submitted.job_id, submitted.to_dict()
        finally:
            host.end_bars()
    if as_json and not dry_run:
        print_json(result)
    if job_id and not any(place.values()):
        _remember(job_id)


def _request(**members: Any) -> SubmissionRequest:
    from deadline.client.api.submission.request import SubmissionRequest

    return SubmissionRequest(**members, keep_in_history=True)


def _print_description(request: SubmissionRequest, config: ConfigParser, as_json: bool) -> None:
    from deadline.client.api.submission.description import describe_request

    description = describe_request(request, config)
    if as_json:
        print_json({"dryRun": True, **description}, indent=2)
    else:
        print_yaml(description)


def _remember(job_id: str) -> None:
    """Make a job the default of other commands. The job is there, so that a failure of this is none of the command."""
    from deadline.client.config import set_setting
    from deadline.client.exceptions import DeadlineOperationError

    try:
        set_setting("defaults.job_id", job_id)
    except DeadlineOperationError as error:
        click.echo(f"{error}\nThe job has not become the default job: name it with --job-id.", err=True)
