"""``deadline bundle upload``."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, Callable, Optional

import click

from ... import prompts
from ...completion import values
from ...interrupts import Interrupt, stopping_on_ctrl_c
from ...options import queue_options
from .byte_bar import ByteBar, counting
from .queue_bundles import queue_bundles, shown

if TYPE_CHECKING:
    from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository

CANCELED = "The job bundle was not uploaded."


@click.command()
@click.argument("job_bundle_dir", shell_complete=values.files)
@click.option("--name", metavar="TEXT", help="What to call it. Default: the name of the folder or file.")
@click.option("--yes", is_flag=True, help="Replace a shared bundle of that name unasked.")
@queue_options
def upload(job_bundle_dir: str, name: Optional[str], yes: bool, **options: Any) -> None:
    """Share the job bundle in the folder or .ojd file JOB_BUNDLE_DIR with the users of a queue.

    It goes as an archive to the S3 bucket of the queue's job attachments. Links are left out.

    \b
    Examples:
      deadline bundle upload my-job/
      deadline bundle upload my-job/ --name "Turntable" --yes
    """
    from deadline.client.job_bundle.repository.archive import check_bundle
    from deadline.client.job_bundle.repository.names import sanitize_bundle_name, without_archive_suffix

    check_bundle(job_bundle_dir)
    given = os.path.basename(os.path.abspath(job_bundle_dir)) if name is None else name
    name = sanitize_bundle_name(without_archive_suffix(given))
    with queue_bundles("upload a job bundle", **options) as repository:
        if not yes and repository.bundle_exists(name):
            question = f"There is a shared job bundle {shown(name)} already. Replace it for everybody?"
            if not prompts.confirm(question, default=False, option="--yes"):
                click.echo(CANCELED)
                return
        with stopping_on_ctrl_c() as interrupt:
            address = _upload(repository, job_bundle_dir, name, interrupt)
    click.echo(f"Uploaded the job bundle to {shown(address)}")


def _upload(repository: S3BundleRepository, source: str, name: str, interrupt: Interrupt) -> str:
    with _archive(source, interrupt) as archive:
        size = os.fstat(archive.fileno()).st_size
        with counting(ByteBar("Uploading", size, interrupt, canceled=CANCELED)) as on_bytes:
            return repository.upload_archive(archive, name, progress_callback=on_bytes)


def _archive(source: str, interrupt: Interrupt) -> IO[bytes]:
    from deadline.client.job_bundle.repository.archive import get_bundle_dir_size, open_bundle_archive

    if not os.path.isdir(source):
        return open_bundle_archive(source)
    on_bytes: Callable[[int], None]
    with counting(ByteBar("Archiving", get_bundle_dir_size(source), interrupt, canceled=CANCELED)) as on_bytes:
        return open_bundle_archive(source, on_bytes)
