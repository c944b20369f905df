"""``deadline job download-output``."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, List, Optional, Tuple

import click

from ...interrupts import stopping_on_ctrl_c
from ...options import configuration, job_options, output_option, required_job, yes_option
from ...output import wants_json
from .download_dialogue import Declined, Dialogue, JsonDialogue, TerminalDialogue

if TYPE_CHECKING:
    from deadline.client.api.output_download import OutputDownloadPlan
    from deadline.job_attachments.models import FileConflictResolution

NOT_SELECTED = "NOT_SELECTED"


@click.command("download-output")
@job_options
@click.option("--step-id", metavar="ID", help="Only what this step wrote.")
@click.option("--task-id", metavar="ID", help="Only what this task of the step wrote.")
@click.option(
    *("-i", "--include"),
    metavar="PATTERN",
    multiple=True,
    help="Only files whose local path matches, such as '*.exr' or 'renders/final/'. May be given several times.",
)
@click.option(
    "--conflict-resolution",
    type=click.Choice(["SKIP", "OVERWRITE", "CREATE_COPY"], case_sensitive=False),
    help="What to do with files that exist already. Default: the setting settings.conflict_resolution, or ask.",
)
@yes_option
@output_option
def download_output(
    step_id: Optional[str],
    task_id: Optional[str],
    include: Tuple[str, ...],
    yes: bool,
    output: Optional[str],
    **options: Any,
) -> None:
    """Download the files that a job wrote, into the folders that it was submitted with.

    You are asked whether these folders are right, and what to do with files that exist already, unless --yes is given;
    existing files are kept then, and the new ones get names such as "image (1).png". A file appears under its name when it
    is complete and verified, so that Ctrl-C leaves none that is half written.

    Programs talk with the command in JSON, an object a line: it prints records with messageType and value, and reads an
    answer with messageType pathconfirm after each record of the type path.

    \b
    Examples:
      deadline job download-output
      deadline job download-output --yes --conflict-resolution OVERWRITE
      deadline job download-output --include "*.exr" --step-id step-0123456789abcdef0123456789abcdef
    """
    if task_id and not step_id:
        raise click.UsageError("--task-id names a task of a step: give --step-id too.")
    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    dialogue: Dialogue = JsonDialogue() if wants_json(output) else TerminalDialogue()
    with dialogue.errors():
        from deadline.client import api

        plan = api.plan_output_download(
            farm_id=ids.farm_id,
            queue_id=ids.queue_id,
            job_id=job_id,
            step_id=step_id,
            task_id=task_id,
            include=include,
            config=config,
        )
        _carry_out(plan, dialogue, config)


def _carry_out(plan: OutputDownloadPlan, dialogue: Dialogue, config: ConfigParser) -> None:
    from deadline.client.config import get_setting, str2bool

    auto_accept = str2bool(get_setting("settings.auto_accept", config))
    dialogue.begin(plan)
    try:
        _choose_folders(plan, dialogue, auto_accept)
        if not plan.total_files:
            dialogue.nothing_to_download(plan)
            return
        resolution = _resolution(plan, dialogue, get_setting("settings.conflict_resolution", config), auto_accept)
    except Declined:
        return
    with stopping_on_ctrl_c() as interrupt, dialogue.progress(interrupt) as on_progress:
        statistics = plan.download(resolution, on_progress)
    dialogue.finish(statistics)


def _choose_folders(plan: OutputDownloadPlan, dialogue: Dialogue, auto_accept: bool) -> None:
    """Give folders of another operating system one of this machine, and let the user change any."""
    for root in plan.foreign_roots:
        plan.set_root(root, dialogue.local_folder_for(root))
    if plan.total_files and not auto_accept:
        dialogue.confirm_folders(plan)


def _resolution(plan: OutputDownloadPlan, dialogue: Dialogue, chosen: str, auto_accept: bool) -> FileConflictResolution:
    from deadline.job_attachments.models import FileConflictResolution

    if chosen.upper() != NOT_SELECTED:
        return FileConflictResolution[chosen.upper()]
    existing: List[str] = [] if auto_accept else plan.existing_files()
    return FileConflictResolution[dialogue.resolve_conflicts(existing) if existing else "CREATE_COPY"]
