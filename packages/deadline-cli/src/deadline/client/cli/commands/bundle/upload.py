"""``deadline bundle upload``."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, Callable, Dict, Optional

import click

from ... import prompts
from ...completion import values
from ...interrupts import Interrupt, stopping_on_ctrl_c
from ...options import queue_options, report_output_option
from ...output import print_json, wants_json
from .byte_bar import ByteBar, counting
from .queue_bundles import queue_bundles, shown

if TYPE_CHECKING:
    from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository

CANCELED = "The job bundle was not uploaded."


@click.command()
@click.argument("job_bundle_dir", shell_complete=values.files)
@click.option("--name", metavar="TEXT", help="What to call it. Default: the name of the folder or file.")
@click.option("--dry-run", is_flag=True, help="Upload nothing, but print where to it would be.")
@click.option("--yes", is_flag=True, help="Replace a shared bundle of that name unasked.")
@queue_options
@report_output_option
def upload(job_bundle_dir: str, name: Optional[str], dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Share the job bundle in the folder or .ojd file JOB_BUNDLE_DIR with the users of a queue.

    It goes as an archive to the S3 bucket of the queue's job attachments. Links are left out. As JSON the result is an object
    with the name, the path in S3, the bytes of the bundle's files, and whether a bundle was replaced.

    \b
    Examples:
      deadline bundle upload my-job/
      deadline bundle upload my-job/ --name "Turntable" --yes
      deadline bundle upload my-job/ --dry-run
    """
    from deadline.client.job_bundle.repository.archive import check_bundle
    from deadline.client.job_bundle.repository.names import sanitize_bundle_name, without_archive_suffix

    check_bundle(job_bundle_dir)
    given = os.path.basename(os.path.abspath(job_bundle_dir)) if name is None else name
    name = sanitize_bundle_name(without_archive_suffix(given))
    as_json = wants_json(output)
    with queue_bundles("upload a job bundle", **options) as repository:
        address, replaced = repository.bundle_address(name), repository.bundle_exists(name)
        result = {"name": name, "path": address, "bytes": _bytes_of(job_bundle_dir), "replaced": replaced}
        if dry_run:
            _print_plan(result, as_json)
            return
        if replaced and not yes and not _may_replace(name, as_json):
            click.echo(CANCELED)
            return
        with stopping_on_ctrl_c() as interrupt:
            _upload(repository, job_bundle_dir, name, interrupt, is_shown=not as_json)
    if as_json:
        print_json(result)
    else:
        click.echo(f"Uploaded the job bundle to {shown(address)}")


def _print_plan(result: Dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({"dryRun": True, **result})
        return
    from deadline.job_attachments.api import human_readable_file_size

    size = human_readable_file_size(result["bytes"])
    click.echo(f"Would upload the job bundle ({size}) to {shown(result['path'])}")
    if result["replaced"]:
        click.echo("It would replace the one that is there, for everybody: you would be asked.")


def _may_replace(name: str, as_json: bool) -> bool:
    what = f"There is a shared job bundle {shown(name)} already."
    if as_json:
        raise click.UsageError(f"{what} Replace it with --yes, or choose another --name.")
    return prompts.confirm(f"{what} Replace it for everybody?", default=False, option="--yes")


def _upload(repository: S3BundleRepository, source: str, name: str, interrupt: Interrupt, *, is_shown: bool) -> None:
    with _archive(source, interrupt, is_shown=is_shown) as archive:
        size = os.fstat(archive.fileno()).st_size
        bar = ByteBar("Uploading", size, interrupt, canceled=CANCELED, is_shown=is_shown)
        with counting(bar) as on_bytes:
            repository.upload_archive(archive, name, progress_callback=on_bytes)


def _bytes_of(source: str) -> int:
    from deadline.client.job_bundle.repository.archive import get_bundle_dir_size

    return get_bundle_dir_size(source) if os.path.isdir(source) else os.path.getsize(source)


def _archive(source: str, interrupt: Interrupt, *, is_shown: bool) -> IO[bytes]:
    from deadline.client.job_bundle.repository.archive import get_bundle_dir_size, open_bundle_archive

    if not os.path.isdir(source):
        return open_bundle_archive(source)
    on_bytes: Callable[[int], None]
    bar = ByteBar("Archiving", get_bundle_dir_size(source), interrupt, canceled=CANCELED, is_shown=is_shown)
    with counting(bar) as on_bytes:
        return open_bundle_archive(source, on_bytes)
