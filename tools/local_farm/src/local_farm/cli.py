"""The ``local-farm`` command."""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Sequence

import click

from local_farm import process
from local_farm.endings import Ending, ending_noted, ignore_from_here
from local_farm.environment import REMOVED, SHELLS, client_environment, shell_lines
from local_farm.process import FarmProcessError, RunningFarm
from local_farm.settings import DEFAULT_PORT, LOOPBACK, Settings, default_data_dir
from local_farm.synthesize_command import synthesize

Function = Callable[..., Any]

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_data_dir,
    help="The folder of the farm. Default: one for each user.",
    show_default=False,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A farm on this machine that stands in for AWS Deadline Cloud.

    It speaks the service's API and runs jobs as real processes. It is a tool for development and tests; production is
    AWS Deadline Cloud.

    \b
    Examples:
      local-farm demo                          a whole job before your eyes
      local-farm start                         a farm until Ctrl-C
      eval "$(local-farm env)"                 point this shell's AWS clients at it
      local-farm exec -- deadline farm list    or just one command
    """


@main.command()
@data_dir_option
@click.option("--ephemeral", is_flag=True, help="Keep everything in a temporary folder that goes when the farm ends.")
@click.option("--background", is_flag=True, help="Return when the farm answers; `local-farm stop` ends it.")
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=os.cpu_count() or 1,
    show_default="the number of cores",
    help="Sessions at a time; with 0 the farm answers and creates jobs, and runs nothing.",
)
@click.option("--s3-endpoint", metavar="URL", help="Use a real S3 server instead of the farm's own.")
@click.option(
    "--seed",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What a new farm has from the start: farms, queues, fleets, storage profiles, in YAML.",
)
@click.option("--verbose", is_flag=True, help="Log every request, and what sessions print.")
def start(
    data_dir: Path,
    ephemeral: bool,
    background: bool,
    host: str,
    port: int,
    allow_remote: bool,
    workers: int,
    s3_endpoint: str | None,
    seed: Path | None,
    verbose: bool,
) -> None:
    """Start a farm.

    \b
    Examples:
      local-farm start
      local-farm start --background --workers 4
      local-farm start --ephemeral --port 0
    """
    _check_host(host, allow_remote)
    if s3_endpoint is not None and not s3_endpoint.startswith(("http://", "https://")):
        raise click.BadParameter(
            f"{s3_endpoint!r} is no URL such as http://127.0.0.1:8333.", param_hint="--s3-endpoint"
        )
    if ephemeral and background:
        raise click.UsageError("--ephemeral has no folder by which `stop` would find it; use --data-dir instead.")
    running = None if ephemeral else process.find(data_dir)
    if running is not None:
        raise click.ClickException(
            f"A farm is running in {data_dir} already, at {running.endpoint_url}. `local-farm stop` ends it."
        )
    if not ephemeral:
        _make_folder(data_dir)
    if background:
        arguments = ["--data-dir", str(data_dir), "--host", host, "--port", str(port), "--workers", str(workers)]
        arguments += ["--allow-remote"] if allow_remote else []
        arguments += ["--s3-endpoint", s3_endpoint] if s3_endpoint else []
        arguments += ["--seed", str(seed)] if seed else []
        arguments += ["--verbose"] if verbose else []
        farm = _reported(process.start_in_background, arguments, data_dir)
        _say_where(farm, data_dir)
        return
    with ExitStack() as stack:
        if ephemeral:
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local-farm-")))
        _serve(Settings(data_dir, host, port, workers, s3_endpoint, seed), verbose)


@main.command()
@data_dir_option
def stop(data_dir: Path) -> None:
    """Stop the farm that runs in the background, or in another shell."""
    if not _reported(process.stop, data_dir):
        raise click.ClickException(f"No farm is running in {data_dir}.")
    click.echo("The farm has stopped. What it was running goes on at the next start.")


@main.command()
@data_dir_option
@click.option("--output", type=click.Choice(["verbose", "json"]), default="verbose", help="The form of the answer.")
def status(data_dir: Path, output: str) -> None:
    """Say whether a farm is running; the exit code is 0 when one is, else 1."""
    farm = process.find(data_dir)
    if output == "json":
        document: dict[str, Any] = {"running": farm is not None, "dataDir": str(data_dir)}
        if farm is not None:
            document.update(pid=farm.pid, endpointUrl=farm.endpoint_url, workers=farm.workers)
        click.echo(json.dumps(document))
    elif farm is None:
        click.echo(f"No farm is running in {data_dir}. Start one with: local-farm start")
    else:
        click.echo(f"A farm with {farm.workers} workers is running at {farm.endpoint_url} (process {farm.pid}).")
        click.echo(f"Its folder is {data_dir}.")
    sys.exit(0 if farm is not None else 1)


@main.command()
@data_dir_option
@click.option("--shell", type=click.Choice(sorted(SHELLS)), default="posix", show_default=True, help="Whose syntax.")
def env(data_dir: Path, shell: str) -> None:
    """Print the variables that point a shell's AWS clients at the farm.

    \b
    Examples:
      eval "$(local-farm env)"
      local-farm env --shell fish | source
      local-farm env --shell powershell | Invoke-Expression
    """
    for line in shell_lines(_environment_of(_running(data_dir), data_dir), shell):
        click.echo(line)


@main.command("exec", context_settings={"ignore_unknown_options": True})
@data_dir_option
@click.option("--ephemeral", is_flag=True, help="Start a farm just for the command.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def exec_(data_dir: Path, ephemeral: bool, command: Sequence[str]) -> None:
    """Run a command whose AWS clients talk to the farm; the exit code is the command's.

    \b
    Examples:
      local-farm exec -- deadline farm list
      local-farm exec --ephemeral -- pytest tests/
    """
    with ending_noted() as ending:
        if not ephemeral:
            sys.exit(_run(command, _environment_of(_running(data_dir), data_dir), ending))
        from local_farm.testing import running_farm

        with running_farm(workers=os.cpu_count() or 1) as farm:
            code = _run(command, farm.environment(), ending)
        sys.exit(code)


main.add_command(synthesize)


@main.command()
@click.option("--output-dir", type=click.Path(file_okay=False, path_type=Path), help="The folder for what is rendered.")
def demo(output_dir: Path | None) -> None:
    """Run a whole job before your eyes: submit, render, watch, download.

    Starts a farm for as long as it lasts. Ctrl-C ends it at any moment and leaves nothing running.
    """
    from local_farm.demo.command import run_demo

    code = run_demo(output_dir)
    ignore_from_here()
    sys.exit(code)


def _check_host(host: str, allow_remote: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError as error:
        raise click.BadParameter(f"{host!r} is no IP address.", param_hint="--host") from error
    if loopback:
        return
    if not allow_remote:
        raise click.UsageError(
            f"{host} can be reached from other machines, and whoever reaches a local farm runs commands as you. "
            "Add --allow-remote if that is what you want."
        )
    click.secho(f"Warning: whoever reaches {host} can now run commands on this machine as you.", fg="yellow", err=True)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"The folder {path} cannot be made: {error.strerror or error}.") from error


def _serve(settings: Settings, verbose: bool) -> None:
    """Run a farm in this process until somebody ends it."""
    from local_farm.farm import FarmStartError, LocalFarm

    _start_logging(verbose)
    with ending_noted() as ending:
        farm = LocalFarm(settings)
        try:
            farm.start()
        except FarmStartError as error:
            raise click.ClickException(str(error)) from error
        try:
            running = RunningFarm(os.getpid(), farm.endpoint_url, settings.workers, settings.s3_endpoint)
            process.announce(settings.data_dir, running)
            _say_where(running, settings.data_dir)
            click.echo("Ctrl-C ends it.")
            while not ending.wait(60):
                pass
            click.echo("Stopping: sessions are ended, their tasks run again at the next start.")
        finally:
            farm.stop()
            process.withdraw(settings.data_dir)


def _start_logging(verbose: bool) -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("local_farm").setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        from openjd.sessions import LOG

        from local_farm.runner.logs import SESSION_LOG

        for handler in logging.getLogger().handlers:
            for logger in (LOG, SESSION_LOG):
                logger.addHandler(handler)


def _say_where(farm: RunningFarm, data_dir: Path) -> None:
    click.echo(f"A farm with {farm.workers} workers is running at {farm.endpoint_url}.")
    click.echo(f"Its folder is {data_dir}.")
    if farm.s3_endpoint is None:
        click.echo("Jobs are kept there; attachments and logs are kept in memory, as long as it runs.")
    option = "" if data_dir == default_data_dir() else f" --data-dir {data_dir}"
    click.echo(f'Point another shell at it:  eval "$(local-farm env{option})"')


def _running(data_dir: Path) -> RunningFarm:
    farm = process.find(data_dir)
    if farm is None:
        raise click.ClickException(f"No farm is running in {data_dir}. Start one with: local-farm start --background")
    return farm


def _environment_of(farm: RunningFarm, data_dir: Path) -> dict[str, str]:
    return client_environment(farm.settings(data_dir), farm.endpoint_url)


def _run(command: Sequence[str], environment: dict[str, str], ending: Ending) -> int:
    """Run a command to its end and give its exit code; what ends this program ends the command."""
    variables = {name: value for name, value in os.environ.items() if name not in REMOVED}
    try:
        child = subprocess.Popen(list(command), env={**variables, **environment})
    except OSError as error:
        raise click.ClickException(f"{command[0]} cannot be run: {error.strerror or error}.") from error
    told = False
    while True:
        try:
            code = child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            # Ctrl-C has reached the command by itself, and whether that ends it is its own affair.
            if ending.asked and not ending.by_terminal and not told:
                child.terminate()
                told = True
            continue
        return code if code >= 0 else 128 - code


def _reported(function: Function, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except FarmProcessError as error:
        raise click.ClickException(str(error)) from error
