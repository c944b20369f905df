"""``deadline attachment download``."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Optional, Tuple

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import Choice, configuration, json_options, queue_options
from ...output import print_json
from ...progress import transfer_progress
from .location import attachment_location, s3_root_option
from .planned import count, planned_members, size

if TYPE_CHECKING:
    from deadline.client.api.attachment_files import AttachmentDownloadPlan
    from deadline.job_attachments.progress_tracker import DownloadSummaryStatistics


@click.command()
@click.option(
    *("-m", "--manifests"),
    metavar="FILE",
    shell_complete=values.files,
    multiple=True,
    required=True,
    help="A manifest file. May be given several times.",
)
@s3_root_option
@click.option(
    "--path-mapping-rules",
    metavar="FILE",
    shell_complete=values.files,
    help="A JSON file with rules (source_path_format, source_path, destination_path) that lead from the manifests' roots to "
    "folders of this machine. Default: a folder with the name of the manifest file, in the working directory.",
)
@click.option(
    "--conflict-resolution",
    type=Choice(["SKIP", "OVERWRITE", "CREATE_COPY"]),
    help="What to do with files that exist already. Default: the setting settings.conflict_resolution, else CREATE_COPY.",
)
@click.option("--dry-run", is_flag=True, help="Download nothing, but print what would be.")
@queue_options
@json_options
def download(
    manifests: Tuple[str, ...],
    s3_root_uri: Optional[str],
    path_mapping_rules: Optional[str],
    conflict_resolution: Optional[str],
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Download the files that manifest files name.

    Without --s3-root-uri the files come from the job attachments of the queue, with the role of the queue's users. With
    --s3-root-uri and --profile the profile's own credentials are used, and no queue is needed. A file appears under its name
    when it is complete and verified.

    \b
    Examples:
      deadline attachment download -m shot.manifest
      deadline attachment download -m shot.manifest --path-mapping-rules rules.json \\
        --conflict-resolution OVERWRITE
      deadline attachment download -m shot.manifest --s3-root-uri s3://bucket/root --profile studio
    """
    from deadline.client.api.attachment_files import plan_attachment_download
    from deadline.client.config import get_setting
    from deadline.job_attachments.models import FileConflictResolution

    config = configuration(conflict_resolution=conflict_resolution, **options)
    plan = plan_attachment_download(manifests, path_mapping_rules=path_mapping_rules)
    if dry_run:
        _print_plan(plan, as_json)
        return
    location = attachment_location(config, s3_root_uri, options["profile"])
    chosen = get_setting("settings.conflict_resolution", config).upper()
    resolution = FileConflictResolution["CREATE_COPY" if chosen == "NOT_SELECTED" else chosen]
    with stopping_on_ctrl_c() as interrupt, transfer_progress(
        "Downloading Attachments", interrupt, shown=not as_json
    ) as on_progress:
        statistics = plan.download(location, conflict_resolution=resolution, config=config, on_progress=on_progress)
    if as_json:
        print_json(vars(statistics.convert_to_summary_statistics()))
    else:
        _print_summary(statistics)


def _print_plan(plan: AttachmentDownloadPlan, as_json: bool) -> None:
    existing = plan.existing_files()
    if as_json:
        print_json({"dryRun": True, "manifests": planned_members(plan.manifests), "existingFiles": existing})
        return
    for one in plan.manifests:
        files = count(len(one.manifest.paths))
        click.echo(f"Would download {files} ({size(one.manifest.totalSize)}) of {one.path} to {one.folder}")
    if existing:
        verb = "exists" if len(existing) == 1 else "exist"
        click.echo(f"{count(len(existing))} of the same name {verb} already, such as {existing[0]}")


def _print_summary(statistics: DownloadSummaryStatistics) -> None:
    for folder, number in statistics.file_counts_by_root_directory.items():
        click.echo(f"Downloaded {count(number)} to {folder}")
    click.echo(f"Download Summary:\n{textwrap.indent(str(statistics), '    ')}")
