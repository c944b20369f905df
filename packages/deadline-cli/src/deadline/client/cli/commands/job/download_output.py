"""``deadline job download-output``."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import click

from ...options import configuration, job_options, required_job
from .downloading import download_options, run_download


@click.command("download-output")
@job_options
@click.option("--step-id", metavar="ID", help="Only what this step wrote.")
@click.option("--task-id", metavar="ID", help="Only what this task of the step wrote.")
@download_options
def download_output(
    step_id: Optional[str],
    task_id: Optional[str],
    include: Tuple[str, ...],
    match_paths_by: str,
    ignore_storage_profiles: bool,
    dry_run: bool,
    yes: bool,
    output: Optional[str],
    **options: Any,
) -> None:
    """Download the files that a job wrote, into the folders that it was submitted with.

    Where the job comes from a machine with another storage profile, its paths are mapped to those of this one; files
    without a place here are left out, with a warning.

    You are asked whether the folders are right, and what to do with files that exist already, unless --yes is given;
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

    def find() -> Any:
        from deadline.client import api

        return api.plan_output_download(
            farm_id=ids.farm_id,
            queue_id=ids.queue_id,
            job_id=job_id,
            step_id=step_id,
            task_id=task_id,
            include=include,
            match_paths_by=match_paths_by,
            ignore_storage_profiles=ignore_storage_profiles,
            config=config,
        )

    run_download("output", output, config, find, dry_run=dry_run)
