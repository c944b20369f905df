"""``deadline attachment upload``."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING, Any, Optional, Tuple

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import configuration, json_options, queue_options
from ...output import print_json
from ...progress import transfer_progress
from .location import attachment_location, s3_root_option
from .planned import count, planned_members, size

if TYPE_CHECKING:
    from deadline.client.api.attachment_files import AttachmentUpload, AttachmentUploadPlan
    from deadline.client.api.attachment_location import AttachmentLocation

LONGEST_LIST = 10


@click.command()
@click.option(
    *("-m", "--manifests"),
    metavar="FILE",
    shell_complete=values.files,
    multiple=True,
    required=True,
    help="A manifest file. May be given several times.",
)
@click.option(
    *("-r", "--root-dirs"),
    metavar="FOLDER",
    shell_complete=values.folders,
    multiple=True,
    help="The root of a manifest, which is a folder of this machine. May be given several times.",
)
@click.option(
    "--path-mapping-rules",
    metavar="FILE",
    shell_complete=values.files,
    help="A JSON file with rules (source_path_format, source_path, destination_path) that lead from the manifests' roots to "
    "folders of this machine; instead of --root-dirs.",
)
@s3_root_option
@click.option(
    "--upload-manifest-path",
    metavar="PREFIX",
    help="Upload the manifests too, to this place below the manifests in S3.",
)
@click.option("--dry-run", is_flag=True, help="Upload nothing, but print what would be.")
@queue_options
@json_options
def upload(
    manifests: Tuple[str, ...],
    root_dirs: Tuple[str, ...],
    path_mapping_rules: Optional[str],
    s3_root_uri: Optional[str],
    upload_manifest_path: Optional[str],
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Upload the files that manifest files name.

    The folder of each manifest is found by the hash in its name: give the folder from which the manifest was made, or a rule
    from that folder. Files that S3 has already are not sent again. A manifest is uploaded when all its files are there.

    Without --s3-root-uri the files go to the job attachments of the queue, with the role of the queue's users. With
    --s3-root-uri and --profile the profile's own credentials are used, and no queue is needed.

    \b
    Examples:
      deadline attachment upload -m shot.manifest -r /shots/7
      deadline attachment upload -m shot.manifest -r /shots/7 --upload-manifest-path today --json
      deadline attachment upload -m shot.manifest --path-mapping-rules rules.json --dry-run
    """
    from deadline.client.api.attachment_files import plan_attachment_upload

    config = configuration(**options)
    plan = plan_attachment_upload(
        manifests,
        root_dirs=root_dirs,
        path_mapping_rules=path_mapping_rules,
        upload_manifest_path=upload_manifest_path,
    )
    location = attachment_location(config, s3_root_uri, options["profile"])
    if dry_run:
        _print_plan(plan, location, as_json)
        return
    with stopping_on_ctrl_c() as interrupt, transfer_progress(
        "Uploading Attachments", interrupt, shown=not as_json
    ) as on_progress:
        uploaded = plan.upload(location, config=config, on_progress=on_progress)
    if as_json:
        _print_json(plan, uploaded, location)
    else:
        _print_summary(plan, uploaded, location)


def _print_plan(plan: AttachmentUploadPlan, location: AttachmentLocation, as_json: bool) -> None:
    unfit = plan.unfit_files()
    if as_json:
        print_json(
            {
                "dryRun": True,
                "s3_root_uri": location.uri,
                "manifests": planned_members(plan.manifests),
                "unfitFiles": unfit,
            }
        )
        return
    for one in plan.manifests:
        files = f"{count(len(one.manifest.paths))} ({size(one.manifest.totalSize)})"
        click.echo(
            f"Would upload those of {files} of {one.path} that S3 lacks, from {one.folder} to {location.data_uri()}"
        )
    if unfit:
        click.echo(f"It would fail: {count(len(unfit))} missing, or of another size than the manifest says:")
        for path in unfit[:LONGEST_LIST]:
            click.echo(f"  {path}")
        if len(unfit) > LONGEST_LIST:
            click.echo(f"  ... and {len(unfit) - LONGEST_LIST} more")


def _print_json(plan: AttachmentUploadPlan, uploaded: AttachmentUpload, location: AttachmentLocation) -> None:
    manifests = [
        {
            "manifest": one.path,
            **dataclasses.asdict(info),
            "s3_uri": location.manifest_uri(info.output_manifest_path) if plan.manifest_prefix else None,
        }
        for one, info in zip(plan.manifests, uploaded.manifests)
    ]
    print_json({"manifests": manifests, **vars(uploaded.statistics)})


def _print_summary(plan: AttachmentUploadPlan, uploaded: AttachmentUpload, location: AttachmentLocation) -> None:
    for one, info in zip(plan.manifests, uploaded.manifests):
        click.echo(f"Uploaded the files of {one.path}, from the root {info.source_path}")
        if plan.manifest_prefix:
            address = location.manifest_uri(info.output_manifest_path)
            click.echo(f"Uploaded the manifest to {address} (hash {info.output_manifest_hash})")
    click.echo(f"Upload Summary:\n{textwrap.indent(str(uploaded.statistics), '    ')}")
