"""``deadline job download-input``."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import click

from ...options import configuration, job_options, required_job
from .downloading import download_options, run_download


@click.command("download-input")
@job_options
@download_options
def download_input(
    include: Tuple[str, ...],
    match_paths_by: str,
    ignore_storage_profiles: bool,
    dry_run: bool,
    yes: bool,
    output: Optional[str],
    **options: Any,
) -> None:
    """Download the files that were submitted with a job, to where they were when it was submitted.

    Where the job comes from a machine with another storage profile, its folders are mapped to those of this one. What is
    asked, and the JSON for programs, are as with deadline job download-output.

    \b
    Examples:
      deadline job download-input
      deadline job download-input --yes --conflict-resolution SKIP
      deadline job download-input --include "*.blend" --job-id job-0123456789abcdef0123456789abcdef
    """
    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)

    def find() -> Any:
        from deadline.client.api.input_download import plan_input_download

        return plan_input_download(
            farm_id=ids.farm_id,
            queue_id=ids.queue_id,
            job_id=job_id,
            include=include,
            match_paths_by=match_paths_by,
            ignore_storage_profiles=ignore_storage_profiles,
            config=config,
        )

    run_download("input", output, config, find, dry_run=dry_run)
