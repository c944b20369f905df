"""``deadline queue sync-output``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import (
    Choice,
    configuration,
    json_options,
    queue_options,
    required_farm_and_queue,
    storage_profile_option,
)

OUTPUTS_FAILED = 3
"""The exit code for failed jobs, where it is asked for."""


@click.command("sync-output")
@queue_options
@storage_profile_option
@click.option(
    "--ignore-storage-profiles",
    is_flag=True,
    help="Do not map paths: files go to the paths that the jobs were submitted with.",
)
@click.option(
    "--checkpoint-dir",
    metavar="FOLDER",
    shell_complete=values.folders,
    help="Where to keep what was downloaded already. Default: ~/.deadline/incremental_download",
)
@click.option(
    "--bootstrap-lookback-minutes",
    type=click.FloatRange(min=0),
    metavar="MINUTES",
    default=0,
    show_default=True,
    help="How far back the first run looks.",
)
@click.option("--force-bootstrap", is_flag=True, help="Forget what was downloaded, and begin anew as the first run.")
@click.option(
    "--conflict-resolution",
    type=Choice(["SKIP", "OVERWRITE", "CREATE_COPY"]),
    default="OVERWRITE",
    show_default=True,
    help="What to do with files that exist already and have another content.",
)
@click.option("--dry-run", is_flag=True, help="Find out what would be downloaded; write nothing.")
@json_options
@click.option("--verbose", is_flag=True, help="Print the whole report also when nothing is new.")
@click.option(
    "--fail-on-job-errors",
    is_flag=True,
    help=f"End with exit code {OUTPUTS_FAILED} when outputs of a job could not be downloaded. Default: 0, since the next "
    "run tries again.",
)
def sync_output(
    storage_profile_id: Optional[str],
    ignore_storage_profiles: bool,
    checkpoint_dir: Optional[str],
    bootstrap_lookback_minutes: float,
    force_bootstrap: bool,
    conflict_resolution: str,
    dry_run: bool,
    as_json: bool,
    verbose: bool,
    fail_on_job_errors: bool,
    **options: Any,
) -> None:
    """Download what the jobs of a queue wrote since the last time, task by task while they run.

    Meant to be run again and again, for instance every few minutes by cron: each run goes on where the last one ended, also
    where that one was interrupted. The first run downloads what is written from then on, unless it is told to look back.

    Each file goes to where its job has it, mapped by the storage profile of this machine and that of the machine which
    submitted the job. A file appears under its name when it is complete and verified.

    \b
    Examples:
      deadline queue sync-output
      deadline queue sync-output --bootstrap-lookback-minutes 1440 --dry-run
      deadline queue sync-output --ignore-storage-profiles --checkpoint-dir ~/sync --json
    """
    if storage_profile_id and ignore_storage_profiles:
        raise click.UsageError("Give either --storage-profile-id or --ignore-storage-profiles, not both.")
    config = configuration(**options)
    ids = required_farm_and_queue(config)

    from deadline.client.api.incremental_download import SyncOutputRequest, sync_queue_output
    from deadline.job_attachments.models import FileConflictResolution

    from .sync_report import JsonReport, TextReport

    request = SyncOutputRequest(
        farm_id=ids.farm_id,
        queue_id=ids.queue_id,
        storage_profile_id=storage_profile_id or None,
        ignore_storage_profiles=ignore_storage_profiles,
        checkpoint_dir=checkpoint_dir or None,
        bootstrap_lookback_minutes=bootstrap_lookback_minutes,
        force_bootstrap=force_bootstrap,
        conflict_resolution=FileConflictResolution[conflict_resolution.upper()],
        dry_run=dry_run,
    )
    with stopping_on_ctrl_c() as interrupt:
        host: Any = JsonReport(interrupt) if as_json else TextReport(interrupt, verbose=verbose)
        try:
            result = sync_queue_output(request, host, config)
        except BaseException:
            host.fail()
            raise
    host.finish(result)
    if result.failures and fail_on_job_errors:
        raise click.exceptions.Exit(OUTPUTS_FAILED)
