"""``local-farm synthesize``."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from local_farm import process
from local_farm.environment import client_environment
from local_farm.settings import Settings, default_data_dir


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_data_dir,
    help="The folder of the farm. Default: one for each user.",
    show_default=False,
)
@click.option("--queue-id", help="The queue. Default: the first one.")
@click.option("--jobs", type=click.IntRange(min=1), default=100, show_default=True, help="How many.")
@click.option("--steps", type=click.IntRange(min=1), default=1, show_default=True, help="Of each job.")
@click.option("--tasks-per-step", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--sessions-per-job", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--finished-share", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Part that succeeded."
)
@click.option("--failed-share", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Part that failed.")
@click.option(
    "--hours", type=click.FloatRange(min=0), default=24.0, show_default=True, help="When the first one ended."
)
@click.option("--with-outputs", is_flag=True, help="Put manifests and files of the tasks into S3; the farm has to run.")
@click.option("--files-per-task", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--file-size", type=click.IntRange(min=0), default=1024, show_default=True, help="Bytes of each file.")
@click.option("--root-path", default="/synthetic/project", show_default=True, help="The asset root of the jobs.")
def synthesize(data_dir: Path, queue_id: str | None, hours: float, **members: Any) -> None:
    """Add jobs that look as if they had been run, by the thousand.

    What is neither finished nor failed is shown as running.

    \b
    Examples:
      local-farm synthesize --jobs 2000
      local-farm synthesize --jobs 500 --finished-share 0.7 --failed-share 0.2
      local-farm synthesize --jobs 200 --with-outputs --root-path "$PWD/renders"
    """
    from local_farm.state.database import Database
    from local_farm.synthetic.shape import SyntheticJobs
    from local_farm.synthetic.writing import put_through, write_jobs

    farm = process.find(data_dir)
    settings = farm.settings(data_dir) if farm else Settings(data_dir)
    if not settings.database.exists():
        raise click.ClickException(f"There is no farm in {data_dir}. Start one with: local-farm start --background")
    if members["with_outputs"] and farm is None:
        raise click.ClickException("Outputs are kept by a running farm. Start it with: local-farm start --background")
    began = time.monotonic()
    try:
        shape = SyntheticJobs(spread=timedelta(hours=hours), ended_before=datetime.now(timezone.utc), **members)
        put = put_through(client_environment(settings, farm.endpoint_url)) if farm else _nowhere
        database = Database(settings.database)
        try:
            job_ids = write_jobs(database, shape, queue_id, put)
        finally:
            database.close()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Added {len(job_ids)} jobs in {time.monotonic() - began:.1f} s.")


def _nowhere(*_: Any) -> None:
    raise ValueError("Outputs are kept by a running farm.")
