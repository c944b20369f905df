"""``deadline handle-web-url``."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator, List, Optional

import click

from .. import prompts
from ..errors import FAILED, INTERRUPTED, Interrupted, explain, log_traceback
from ..options import name_the_command

AGREE_BY = "deadline config set settings.auto_accept true"


@click.command("handle-web-url")
@click.argument("url", required=False)
@click.option(
    "--prompt-when-complete", is_flag=True, help="Wait for Enter at the end, so that a window does not close at once."
)
@click.option("--install", is_flag=True, help="Let this program open deadline:// addresses.")
@click.option("--uninstall", is_flag=True, help="Let this program no longer open them.")
@click.option("--dry-run", is_flag=True, help="Show what would be downloaded, and where to; download and ask nothing.")
@click.option("--all-users", is_flag=True, help="For all users of this machine, which takes an administrator.")
def handle_web_url(
    url: Optional[str], prompt_when_complete: bool, install: bool, uninstall: bool, dry_run: bool, all_users: bool
) -> None:
    """Do what the deadline:// address URL asks for: download the outputs of a job.

    Web pages such as those of the Deadline Cloud monitor have such addresses, and browsers open them by this command once it
    is installed for them. You are asked whether the folders are right, as with deadline job download-output; the settings
    say with which storage profile, and what to do with files that exist.

    \b
    Examples:
      deadline handle-web-url --install
      deadline handle-web-url "deadline://download-output?farm-id=farm-...&queue-id=queue-...&job-id=job-..."
      deadline handle-web-url --uninstall
    """
    with _waiting_for_enter(prompt_when_complete):
        _check_combination(url, install=install, uninstall=uninstall, dry_run=dry_run, all_users=all_users)
        if url is not None:
            _open(url, dry_run)
        elif install:
            from deadline.client.api.url_handler import install_url_handler

            place = install_url_handler(this_program(), all_users=all_users)
            click.echo(
                f"Addresses that begin with deadline:// will be opened by this program; that is noted in {place}"
            )
        else:
            _uninstall(all_users)


def _check_combination(url: Optional[str], *, install: bool, uninstall: bool, dry_run: bool, all_users: bool) -> None:
    from deadline.client.exceptions import DeadlineOperationError

    if url is not None and (install or uninstall or all_users):
        raise DeadlineOperationError("--install, --uninstall and --all-users go without a URL.")
    if install and uninstall:
        raise DeadlineOperationError("Give either --install or --uninstall, not both.")
    if url is None and not install and not uninstall:
        raise DeadlineOperationError("Give a URL, or --install or --uninstall.")
    if url is None and dry_run:
        raise DeadlineOperationError("--dry-run goes with a URL: it shows what would be downloaded.")


def _open(url: str, dry_run: bool) -> None:
    from deadline.client.api.web_urls import download_of_url, settings_for_url

    from .job.downloading import run_download

    wanted = download_of_url(url)
    name_the_command()
    config = settings_for_url(wanted)

    def find() -> Any:
        from deadline.client import api

        return api.plan_output_download(
            farm_id=wanted.farm_id,
            queue_id=wanted.queue_id,
            job_id=wanted.job_id,
            step_id=wanted.step_id,
            task_id=wanted.task_id,
            config=config,
        )

    run_download("output", "verbose", config, find, dry_run=dry_run, agree_by=AGREE_BY)


def _uninstall(all_users: bool) -> None:
    from deadline.client.api.url_handler import uninstall_url_handler

    place = uninstall_url_handler(all_users=all_users)
    if place is None:
        click.echo("No program is installed for addresses that begin with deadline://: there was nothing to remove.")
    else:
        click.echo(f"This program no longer opens addresses that begin with deadline://; removed {place}")


def this_program() -> List[str]:
    """The words with which other programs run this one."""
    started = Path(os.path.abspath(sys.argv[0]))
    if os.name == "nt":
        # The program that has a console: there will be questions.
        program = started.resolve().with_name("deadline.exe")
        found = str(program) if program.is_file() else None
    elif started.name == "deadline" and started.is_file() and os.access(started, os.X_OK):
        # As it was found, not what links lead to: those are changed by upgrades.
        found = str(started)
    else:
        found = shutil.which("deadline")
    return [os.path.abspath(found)] if found else [sys.executable, "-m", "deadline"]


@contextlib.contextmanager
def _waiting_for_enter(wanted: bool) -> Iterator[None]:
    """Wait for Enter at the end of a block, if that is wanted; after an error when it was shown, but for wrong usage."""
    try:
        yield
    except click.UsageError:
        raise
    except Exception as error:
        if not wanted or isinstance(error, click.exceptions.Exit):
            raise
        log_traceback()
        click.echo(explain(error), err=True)
        _wait_for_enter()
        raise click.exceptions.Exit(INTERRUPTED if isinstance(error, Interrupted) else FAILED) from error
    if wanted:
        _wait_for_enter()


def _wait_for_enter() -> None:
    # In a pipe there is no window that could close.
    if prompts.can_ask():
        click.echo("Press Enter to end.", nl=False)
        sys.stdin.readline()
