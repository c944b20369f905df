"""``deadline manifest upload``."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Optional

import click

from ...completion import values
from ...options import configuration, json_options, queue_options, required_farm_and_queue
from ...output import print_json

if TYPE_CHECKING:
    from deadline.client.api.attachment_location import AttachmentLocation


@click.command()
@click.argument("manifest_file", shell_complete=values.files)
@click.option(
    "--s3-cas-uri",
    metavar="S3://BUCKET/PREFIX",
    help="The bucket and root prefix, reached with the profile's own credentials. Default: those of the queue, with the role "
    "of its users.",
)
@click.option("--s3-manifest-prefix", metavar="PREFIX", help="Where to, below the manifests in S3.")
@click.option("--dry-run", is_flag=True, help="Upload nothing, but print where to it would be.")
@queue_options
@json_options
def upload(
    manifest_file: str,
    s3_cas_uri: Optional[str],
    s3_manifest_prefix: Optional[str],
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Upload the manifest file MANIFEST_FILE, under its name.

    The files that it lists are not uploaded: deadline attachment upload does that.

    \b
    Examples:
      deadline manifest upload shot.manifest
      deadline manifest upload shot.manifest --s3-cas-uri s3://bucket/root --s3-manifest-prefix v2
    """
    from deadline.client.api.manifest_files import describe_manifest_upload, upload_manifest

    info = describe_manifest_upload(manifest_file, prefix=s3_manifest_prefix)
    location = _location(configuration(**options), s3_cas_uri)
    address = location.manifest_uri(info.output_manifest_path)
    if not dry_run:
        if not as_json:
            click.echo(f"Uploading the manifest {manifest_file}")
        upload_manifest(manifest_file, location, prefix=s3_manifest_prefix)
    if as_json:
        result = {"manifest": manifest_file, "path": address, "hash": info.output_manifest_hash}
        print_json({"dryRun": True, **result} if dry_run else result)
    else:
        done = "Would upload" if dry_run else "Uploaded"
        click.echo(f"{done} the manifest to {address} (hash {info.output_manifest_hash})")


def _location(config: ConfigParser, s3_cas_uri: Optional[str]) -> AttachmentLocation:
    from deadline.client.api.attachment_location import own_attachment_location, queue_attachment_location

    if s3_cas_uri:
        return own_attachment_location(s3_cas_uri, config=config)
    ids = required_farm_and_queue(config)
    return queue_attachment_location(ids.farm_id, ids.queue_id, config=config)
