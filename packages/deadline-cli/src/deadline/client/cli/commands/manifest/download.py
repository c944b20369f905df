"""``deadline manifest download``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Optional

import click

from ...completion import values
from ...options import Choice, configuration, json_options, queue_options, required_farm_and_queue
from ...output import print_json

if TYPE_CHECKING:
    from deadline.client.api.manifest_files import JobManifests


@click.command()
@click.argument("download_dir", shell_complete=values.folders)
@click.option("--job-id", metavar="ID", shell_complete=values.resources("job"), required=True, help="The job.")
@click.option(
    "--step-id",
    metavar="ID",
    help="Outputs of this step alone; and inputs as it gets them, with the outputs of the steps that it depends on.",
)
@click.option(
    "--asset-type",
    type=Choice(["INPUT", "OUTPUT", "ALL"]),
    default="ALL",
    show_default=True,
    help="Manifests of what the job was submitted with, of what it wrote, or both.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, but print which manifests there are.")
@queue_options
@json_options
def download(
    download_dir: str,
    job_id: str,
    step_id: Optional[str],
    asset_type: str,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Download the manifests of a job to the folder DOWNLOAD_DIR.

    There is one manifest file for each root of the job, with the files of all its manifests; where several have a path, the
    last one counts. deadline attachment download brings the files.

    \b
    Examples:
      deadline manifest download /manifests --job-id job-0123456789abcdef0123456789abcdef
      deadline manifest download /manifests --job-id job-0123456789abcdef0123456789abcdef \\
        --asset-type OUTPUT --json
    """
    from deadline.client.api.manifest_files import get_job_manifests
    from deadline.job_attachments.models import AssetType

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    found = get_job_manifests(
        farm_id=ids.farm_id,
        queue_id=ids.queue_id,
        job_id=job_id,
        step_id=step_id,
        asset_type=AssetType[asset_type.upper()],
        on_message=(lambda message: None) if as_json else click.echo,
        config=config,
    )
    if dry_run:
        _print_found(found, as_json)
        return
    written = found.write(download_dir)
    if as_json:
        print_json({"downloaded": [dataclasses.asdict(one) for one in written]})
        return
    for one in written:
        click.echo(f"Wrote the manifest of {one.manifest_root} to {one.local_manifest_path}")
    if not written:
        click.echo("The job has no such manifests.")


def _print_found(found: JobManifests, as_json: bool) -> None:
    from deadline.job_attachments.api import human_readable_file_size

    if as_json:
        roots = [
            {"manifest_root": root, "files": len(manifest.paths), "bytes": manifest.totalSize}
            for root, manifest in found.by_root.items()
        ]
        print_json({"dryRun": True, "manifests": roots})
        return
    for root, manifest in found.by_root.items():
        files = f"{len(manifest.paths)} {'file' if len(manifest.paths) == 1 else 'files'}"
        click.echo(f"Would write the manifest of {root}: {files} ({human_readable_file_size(manifest.totalSize)})")
    if not found.by_root:
        click.echo("The job has no such manifests.")
