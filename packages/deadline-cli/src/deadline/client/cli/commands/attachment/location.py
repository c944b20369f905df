"""Where the attachments are, as the options of a command say."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Optional

import click

from ...options import required_farm_and_queue

if TYPE_CHECKING:
    from deadline.client.api.attachment_location import AttachmentLocation

s3_root_option = click.option(
    "--s3-root-uri",
    metavar="S3://BUCKET/PREFIX",
    help="The bucket and root prefix. Default: those of the queue.",
)


def attachment_location(config: ConfigParser, s3_root_uri: Optional[str], profile: Optional[str]) -> AttachmentLocation:
    """The bucket and prefix, with credentials.

    Args:
        config: The configuration that the options make.
        s3_root_uri: The option.
        profile: The option. Whoever names a profile beside an address means its own credentials, not a queue's.
    """
    from deadline.client.api.attachment_location import own_attachment_location, queue_attachment_location
    from deadline.client.config import get_setting

    if s3_root_uri:
        farm_id, queue_id = (get_setting(f"defaults.{kind}_id", config) for kind in ("farm", "queue"))
        if profile or not (farm_id and queue_id):
            return own_attachment_location(s3_root_uri, config=config)
        return queue_attachment_location(farm_id, queue_id, s3_root_uri=s3_root_uri, config=config)
    ids = required_farm_and_queue(config)
    return queue_attachment_location(ids.farm_id, ids.queue_id, config=config)
