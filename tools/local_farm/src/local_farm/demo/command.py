"""The order of the stages, and how the demo ends: well, with a failure, or because somebody wants it to.

Signals are noted and not raised (:mod:`local_farm.endings`): the farm is always started and stopped as a whole.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from local_farm.demo.screen import Screen
from local_farm.demo.workspace import OutputFolder, OutputFolderError, own_environment, temporary_folder
from local_farm.endings import Ended, Ending, ending_noted

SUCCEEDED = 0
FAILED = 1
ENDED = 130
"""What shells give for Ctrl-C."""

MOST_WORKERS = 4


def run_demo(output_dir: Path | None, bundle: Path | None = None) -> int:
    """Run the demo and give its exit code.

    Arguments:
        output_dir: The folder for the job bundle and what it makes, new or empty; without one a new folder in the
            working directory.
        bundle: Another job bundle to submit than the demo's own.
    """
    began = time.monotonic()
    screen = Screen(sys.stdout)
    with ending_noted() as ending:
        try:
            output = OutputFolder(output_dir)
        except OutputFolderError as error:
            raise click.BadParameter(str(error), param_hint="--output-dir") from error
        complete = False
        try:
            code = _run(screen, ending, output, bundle, began)
            complete = code == SUCCEEDED
        finally:
            if not complete:
                output.remove()
        return code


def _run(screen: Screen, ending: Ending, output: OutputFolder, bundle: Path | None, began: float) -> int:
    screen.title("A farm on this machine, a job on it, and what it renders in your folder.")
    try:
        files = _render(screen, ending, output, bundle)
    except Ended:
        # The farm has stopped by now.
        screen.say("Nothing is left running.")
        return ENDED
    if files is None:
        screen.say(f"The job has failed, after {time.monotonic() - began:.0f} s.", fg="red")
        return FAILED
    _say_what_there_is(screen, output, files, time.monotonic() - began)
    return SUCCEEDED


def _render(screen: Screen, ending: Ending, output: OutputFolder, bundle: Path | None) -> list[str] | None:
    """Go through the stages; gives the files that came back, or ``None`` after a failure that has been shown."""
    # What follows is slow to import: first the user sees that something happens.
    from botocore.exceptions import BotoCoreError, ClientError

    from deadline.client.exceptions import DeadlineOperationError
    from deadline.job_attachments.exceptions import AssetSyncError, JobAttachmentsError
    from local_farm.demo import stages
    from local_farm.demo.submission import BUNDLE
    from local_farm.farm import FarmStartError, LocalFarm
    from local_farm.settings import Settings

    expected = (
        *(BotoCoreError, ClientError, DeadlineOperationError, AssetSyncError, JobAttachmentsError),
        *(FarmStartError, OSError),
    )
    workers = min(MOST_WORKERS, max(2, os.cpu_count() or 1))
    demo = stages.Demo(screen, ending, output)
    with temporary_folder() as folder, own_environment(folder / "home") as point_at:
        farm = LocalFarm(Settings(folder / "farm", workers=workers))
        try:
            stages.start_farm(demo, farm)
            point_at(farm.environment())
            stages.submit_job(demo, farm, bundle or BUNDLE)
            stages.submit_files_again(demo)
            if not stages.run_job(demo):
                return None
            stages.show_logs(demo)
            stages.download_outputs(demo)
        except BrokenPipeError:
            # Nobody reads any more.
            raise
        except Exception as error:
            screen.keep()
            if ending.asked:
                # What was asked to stop says so with errors of its own.
                screen.say("\nInterrupted. Ending the farm ...")
                raise Ended from error
            if not isinstance(error, expected):
                raise
            screen.say(f"{screen.glyphs.bad} {error}", fg="red")
            return None
        finally:
            farm.stop()
    return demo.files


def _say_what_there_is(screen: Screen, output: OutputFolder, files: list[str], seconds: float) -> None:
    from local_farm.demo.stages import short, size, typed

    screen.say()
    screen.title(f"Done in {seconds:.1f} s. The outputs are in {output.rendered}:")
    by_folder: dict[Path, list[Path]] = {}
    for file in map(Path, files):
        by_folder.setdefault(file.parent, []).append(file)
    rows = []
    for folder, content in sorted(by_folder.items()):
        if folder == output.rendered:
            rows += [(path.name, path.stat().st_size) for path in content]
        else:
            name = f"{folder.relative_to(output.rendered)}{os.sep}{content[0].name} ... {content[-1].name}"
            rows.append((f"{name} ({len(content)} files)", sum(path.stat().st_size for path in content)))
    for name, count in rows:
        screen.say(f"{size(count):>10}  {name}")
    screen.say(f"\nLook at {output.rendered / 'index.html'} in a browser.")
    screen.say()
    screen.title("What to try next:")
    point = 'eval "$({})"'.format(typed(("local-farm", "env")))
    if sys.platform == "win32":
        point = f"{typed(('local-farm', 'env', '--shell', 'powershell'))} | Invoke-Expression"
    screen.commands(
        [
            (typed(("local-farm", "start", "--background")), "a farm that stays"),
            (point, "this shell now talks to it"),
            (
                typed(("deadline", "bundle", "submit", short(output.bundle), "-p", "Frames=1-8")),
                "change the scene first",
            ),
            (typed(("deadline", "job", "wait")), ""),
            (typed(("deadline", "job", "download-output")), f"into {short(output.bundle / 'output')}"),
            (typed(("local-farm", "stop")), ""),
        ]
    )
