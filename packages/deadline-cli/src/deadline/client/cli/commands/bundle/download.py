"""``deadline bundle download``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional

import click

from ... import prompts
from ...completion import values
from ...interrupts import Interrupt, stopping_on_ctrl_c
from ...options import output_option, queue_options
from ...output import print_json, wants_json
from .byte_bar import ByteBar, counting
from .queue_bundles import queue_bundles, shown

if TYPE_CHECKING:
    from deadline.client.job_bundle.repository.entries import BrowseEntry
    from deadline.client.job_bundle.repository.s3_repository import S3BundleRepository

CANCELED = "The job bundle was not downloaded."


@click.command()
@click.argument("bundle_name")
@click.option(
    *("-o", "--output-dir"),
    metavar="FOLDER",
    shell_complete=values.folders,
    help="Where to put the bundle's folder. Default: the cache, which knows when it is there already.",
)
@click.option("--dry-run", is_flag=True, help="Download nothing, but print what would be, and where to.")
@click.option("--yes", is_flag=True, help="Replace a job bundle of that name in the folder unasked.")
@queue_options
@output_option
def download(
    bundle_name: str, output_dir: Optional[str], dry_run: bool, yes: bool, output: Optional[str], **options: Any
) -> None:
    """Download the job bundle BUNDLE_NAME that the users of a queue share, and print the path of its folder.

    \b
    Examples:
      deadline bundle download Turntable
      deadline bundle download Turntable --output-dir ~/projects
      deadline bundle download Turntable --output-dir ~/projects --dry-run
    """
    from deadline.client.job_bundle.repository.export import export_bundle, export_target
    from deadline.client.job_bundle.repository.names import sanitize_bundle_name

    as_json = wants_json(output)
    sanitize_bundle_name(bundle_name)
    with queue_bundles("download a job bundle", **options) as repository:
        entry = repository.find(bundle_name)
        target = export_target(output_dir, entry.name) if output_dir is not None else None
        if dry_run:
            _print_plan(repository, entry, target, as_json)
            return
        if target is not None and target.exists() and not yes:
            _ask_to_replace(target, as_json)
        with stopping_on_ctrl_c() as interrupt:
            folder = _download(repository, entry, interrupt, is_shown=not as_json)
        if target is not None:
            export_bundle(folder, target)
    path = folder if target is None else str(target)
    if as_json:
        print_json({"path": path})
    else:
        click.echo(f"The job bundle is in {path}")


def _print_plan(repository: S3BundleRepository, entry: BrowseEntry, target: Optional[Path], as_json: bool) -> None:
    size, cached = repository.get_bundle_size(entry.path), repository.cached_folder(entry.path)
    replaced = target is not None and target.exists()
    if as_json:
        path = cached if target is None else str(target)
        print_json(
            {"dryRun": True, "path": path, "source": entry.path, "bytes": 0 if cached else size, "replaced": replaced}
        )
        return
    from deadline.job_attachments.api import human_readable_file_size

    where = "the cache" if target is None else str(target)
    if cached and target is None:
        click.echo(f"Nothing would be downloaded: the job bundle is in {cached}")
        return
    what = "copy it from the cache" if cached else f"download {human_readable_file_size(size)}"
    click.echo(f"{shown(entry.path)}: would {what} to {where}")
    if replaced:
        click.echo("It would replace the job bundle that is there: you would be asked.")


def _ask_to_replace(target: Path, as_json: bool) -> None:
    from deadline.client.exceptions import DeadlineOperationError

    if as_json:
        raise click.UsageError(f"{target} is there already. Replace it with --yes, or choose another --output-dir.")
    if not prompts.confirm(f"{target} is there already. Replace it?", default=False, option="--yes"):
        raise DeadlineOperationError(CANCELED)


def _download(repository: S3BundleRepository, entry: BrowseEntry, interrupt: Interrupt, *, is_shown: bool) -> str:
    with ExitStack() as stack:
        bars: List[Any] = []

        def begin(label: str, total: int) -> None:
            bar = ByteBar(label, total, interrupt, canceled=CANCELED, is_shown=is_shown)
            bars.append(stack.enter_context(counting(bar)))

        size = repository.get_bundle_size(entry.path)

        def on_downloaded(count: int) -> None:
            if not bars:
                begin("Downloading", size)
            bars[-1](count)

        def on_unpacked(count: int) -> None:
            bars[-1](count)

        return repository.download_full_bundle(
            entry.path,
            progress_callback=on_downloaded,
            extract_callback=on_unpacked,
            extract_size_callback=lambda total: begin("Extracting", total),
        )
