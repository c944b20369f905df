"""What ``deadline job download-output`` and ``deadline job download-input`` have in common."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Callable, List, Optional

import click

from ...interrupts import stopping_on_ctrl_c
from ...options import Choice, output_option, where, yes_option
from ...output import wants_json
from .download_dialogue import Declined, Dialogue, JsonDialogue, TerminalDialogue

if TYPE_CHECKING:
    from deadline.client.api.job_download import JobDownloadPlan
    from deadline.job_attachments.models import FileConflictResolution

NOT_SELECTED = "NOT_SELECTED"

download_options = where(
    click.option(
        *("-i", "--include"),
        metavar="PATTERN",
        multiple=True,
        help="Only files whose path matches, such as '*.exr' or 'renders/final/'. May be given several times.",
    ),
    click.option(
        "--match-paths-by",
        type=Choice(["JOB", "LOCAL"]),
        default="LOCAL",
        show_default=True,
        help="Whether patterns look at the paths with which the job was submitted, or at those of this machine.",
    ),
    click.option(
        "--ignore-storage-profiles",
        is_flag=True,
        help="Do not map paths by the storage profiles of the job and of this machine.",
    ),
    click.option(
        "--conflict-resolution",
        type=Choice(["SKIP", "OVERWRITE", "CREATE_COPY"]),
        help="What to do with files that exist already. Default: the setting settings.conflict_resolution, or ask.",
    ),
    click.option(
        "--dry-run", is_flag=True, help="Show what would be downloaded, and where to; download and ask nothing."
    ),
    yes_option,
    output_option,
)


def run_download(
    what: str,
    output: Optional[str],
    config: ConfigParser,
    find: Callable[[], JobDownloadPlan],
    *,
    dry_run: bool = False,
    agree_by: str = "--yes",
) -> None:
    """Find the files of a job, ask what there is to ask, and download them.

    Args:
        what: ``output`` or ``input``.
        output: The form of the output, where one was asked for.
        config: The configuration.
        find: Makes the plan.
        dry_run: Whether to show only what would be downloaded.
        agree_by: What agrees to folders in advance, for the message where nobody can be asked.
    """
    dialogue: Dialogue = JsonDialogue() if wants_json(output) else TerminalDialogue(what, agree_by)
    with dialogue.errors():
        plan = find()
        dialogue.begin(plan)
        if not dry_run:
            _carry_out(plan, dialogue, config)
        elif plan.total_files:
            dialogue.describe(plan)
        else:
            dialogue.nothing_to_download(plan)


def _carry_out(plan: JobDownloadPlan, dialogue: Dialogue, config: ConfigParser) -> None:
    from deadline.client.config import get_setting, str2bool

    auto_accept = str2bool(get_setting("settings.auto_accept", config))
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


def _choose_folders(plan: JobDownloadPlan, dialogue: Dialogue, auto_accept: bool) -> None:
    """Give folders of another operating system one of this machine, and let the user change any."""
    for root in plan.foreign_roots:
        plan.set_root(root, dialogue.local_folder_for(root))
    if plan.total_files and not auto_accept:
        dialogue.confirm_folders(plan)


def _resolution(plan: JobDownloadPlan, dialogue: Dialogue, chosen: str, auto_accept: bool) -> FileConflictResolution:
    from deadline.job_attachments.models import FileConflictResolution

    if chosen.upper() != NOT_SELECTED:
        return FileConflictResolution[chosen.upper()]
    existing: List[str] = [] if auto_accept else plan.existing_files()
    return FileConflictResolution[dialogue.resolve_conflicts(existing) if existing else "CREATE_COPY"]
