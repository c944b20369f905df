"""``deadline queue paramdefs``."""

from __future__ import annotations

from typing import Any

import click

from ...options import configuration, details_output_option, queue_options, required_farm_and_queue
from ...output import print_details
from ...services import service_errors


@click.command()
@queue_options
@details_output_option
def paramdefs(output: str, **options: Any) -> None:
    """Show the job parameters that a queue adds to its jobs.

    They are defined by the queue's environments, for instance for the Conda packages that a job needs. Jobs give them
    values as they do to their own.

    \b
    Examples:
      deadline queue paramdefs
      deadline queue paramdefs --queue-id queue-0123456789abcdef0123456789abcdef --output json
      deadline bundle submit my-job/ -p CondaPackages=blender
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    action = f"list the parameters of queue {ids.queue_id}"
    with service_errors(action, config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        definitions = api.get_queue_parameter_definitions(farmId=ids.farm_id, queueId=ids.queue_id, config=config)
    print_details(definitions, output)
