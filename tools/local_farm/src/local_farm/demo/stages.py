"""What happens in each stage of the demo, through the library that users use.

Each stage says which command does the same, shows what it does, and looks now and then whether somebody wants to end.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from local_farm.demo.job_progress import StepProgress, bars, one_line
from local_farm.demo.screen import INDENT, Screen
from local_farm.demo.submission import DemoHost, QuietlyGoingOn, lay_out_bundle, request_for, stored_objects
from local_farm.demo.task_output import printed_by_processes
from local_farm.demo.workspace import OutputFolder
from local_farm.endings import Ending
from local_farm.farm import LocalFarm
from local_farm.runner.aws import FarmSession

STAGES = 6
LARGEST_LOG = 10_000
"""Lines that GetLogEvents gives at most."""
SHOWN_LINES = 4
"""Lines of each session that are shown."""
SHOWN_OF_A_FAILURE = 25


@dataclass
class Demo:
    """What the stages share, and what they find out."""

    screen: Screen
    ending: Ending
    output: OutputFolder
    farm_id: str = ""
    queue_id: str = ""
    job_id: str = ""
    files: list[str] = field(default_factory=list)
    """What was downloaded."""

    @property
    def ids(self) -> dict[str, Any]:
        """The job, in the terms of the library."""
        return {"farm_id": self.farm_id, "queue_id": self.queue_id, "job_id": self.job_id}

    def stage(self, number: int, name: str, *command: str) -> None:
        """Begin a stage, unless somebody wants to end."""
        self.ending.check()
        self.screen.stage(number, STAGES, name, typed(command) if command else "")


def typed(command: tuple[str, ...]) -> str:
    """A command as somebody would type it here: through uv where that has started this program."""
    words = [*(["uv", "run"] if os.environ.get("UV") else []), *command]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def short(path: Path) -> str:
    """A path as somebody would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def size(count: int) -> str:
    """A number of bytes for people."""
    from deadline.job_attachments._human_size import human_readable_file_size

    return human_readable_file_size(count)


def start_farm(demo: Demo, farm: LocalFarm) -> None:
    """Start the farm."""
    demo.stage(1, "Start a farm on this machine", "local-farm", "start")
    demo.screen.draw(["Starting ..."], "Starting ...")
    farm.start()
    demo.screen.say(f"AWS Deadline Cloud's API and an S3 answer at {farm.endpoint_url}.")
    demo.screen.say(f"{farm.settings.workers} workers run tasks as processes of this machine.")
    demo.screen.stage_done()


def submit_job(demo: Demo, farm: LocalFarm, bundle: Path) -> None:
    """Copy the job bundle to the output folder and submit it."""
    from deadline.client.api.submission.submit import submit_job_bundle

    output = demo.output
    parameter = f"Output={short(output.rendered)}"
    demo.stage(
        2, "Submit a job with its input files", "deadline", "bundle", "submit", short(output.bundle), "-p", parameter
    )
    inputs = lay_out_bundle(bundle, output.bundle)
    folders = {path.parent for path in inputs}
    same = sum(count - 1 for count in Counter(path.read_bytes() for path in inputs).values())
    total = sum(path.stat().st_size for path in inputs)
    demo.screen.say(
        f"The job bundle {short(output.bundle)} has {len(inputs)} input files in {len(folders)} folders, {size(total)}; "
        f"{same} of them {'has' if same == 1 else 'have'} the content of another one."
    )
    result = submit_job_bundle(request_for(output), DemoHost(demo.screen, demo.ending))
    demo.farm_id, demo.queue_id, demo.job_id = result.farm_id, result.queue_id, result.job_id
    _say_what_is_stored(demo, farm, len(inputs))
    demo.screen.stage_done()


def submit_files_again(demo: Demo) -> None:
    """Upload the same files once more, while the job begins to run."""
    from deadline.client.api.submission import attachments
    from deadline.client.api.submission.plan import plan_submission

    demo.stage(3, "See what the next submission of these files would send")
    host = QuietlyGoingOn(demo.screen, demo.ending)
    plan = plan_submission(request_for(demo.output))
    files = attachments.plan_attachments(plan)
    assert files is not None
    manifests = attachments.hash_attachments(files, host)
    host.said.clear()
    attachments.upload_attachments(plan, files, manifests, host)
    demo.screen.say("\n".join(host.said).rstrip(), dim=True)
    demo.screen.say("Contents are known by their hashes: only what is new travels.")
    demo.screen.stage_done()


def run_job(demo: Demo) -> bool:
    """Show the job's progress until it has ended; whether it has succeeded."""
    from deadline.client import api

    demo.stage(4, "Run it", "deadline", "job", "wait")

    def look(job: Mapping[str, Any], _waited: float, _timeout: int) -> None:
        demo.ending.check()
        answer = api.list_steps(demo.farm_id, demo.queue_id, demo.job_id)
        steps = [StepProgress.of(step) for step in answer["steps"]]
        demo.screen.draw(bars(steps, demo.screen), one_line(steps))

    result = api.wait_for_job_completion(**demo.ids, max_poll_interval=0, job_callback=look)
    demo.screen.keep()
    if result.status == "SUCCEEDED":
        demo.screen.stage_done()
        return True
    demo.screen.say(f"{demo.screen.glyphs.bad} The job has ended as {result.status}.", fg="red")
    for task in result.failed_tasks:
        parameters = ", ".join(f"{name} {value}" for name, union in task.parameters.items() for value in union.values())
        demo.screen.say(f"Failed: {task.step_name} {parameters}".rstrip())
        if task.session_id:
            demo.screen.say(f"The end of its log, of {task.session_id}:")
            lines = _log(demo, task.session_id)[-SHOWN_OF_A_FAILURE:]
            demo.screen.say("\n".join(INDENT + line for line in lines), dim=True)
    return False


def show_logs(demo: Demo) -> None:
    """Show what the tasks printed, from the logs of their sessions."""
    from deadline.client import api

    demo.stage(5, "Read what the tasks printed", "deadline", "job", "logs")
    sessions = api.list_sessions(demo.farm_id, demo.queue_id, demo.job_id)["sessions"]
    for session in sessions:
        demo.ending.check()
        lines = _log(demo, session["sessionId"])
        printed = list(printed_by_processes(lines))
        demo.screen.say(f"{session['sessionId']} has logged {len(lines)} lines; its tasks printed {len(printed)}:")
        first = printed[: SHOWN_LINES - 1] if len(printed) > SHOWN_LINES else printed
        shown = [*first, "...", printed[-1]] if len(printed) > SHOWN_LINES else first
        demo.screen.say("\n".join(INDENT + line for line in shown), dim=True)
    demo.screen.stage_done()


def download_outputs(demo: Demo) -> None:
    """Download what the tasks have made."""
    from deadline.client import api
    from deadline.job_attachments.models import FileConflictResolution

    demo.stage(6, "Download what they made", "deadline", "job", "download-output")
    plan = api.plan_output_download(**demo.ids)
    host = DemoHost(demo.screen, demo.ending)
    statistics = plan.download(FileConflictResolution.OVERWRITE, host.uploading)
    demo.ending.check()
    demo.files = statistics.downloaded_files
    demo.screen.say(f"{len(demo.files)} files, {size(statistics.processed_bytes)}, each verified by its hash.")
    demo.screen.stage_done()


def _say_what_is_stored(demo: Demo, farm: LocalFarm, inputs: int) -> None:
    from deadline.client import api

    settings = api.get_queue(demo.farm_id, demo.queue_id)["jobAttachmentSettings"]
    s3 = FarmSession(farm.environment()).client("s3")
    sizes = stored_objects(s3, settings["s3BucketName"], settings["rootPrefix"])
    s3.close()
    demo.screen.say(
        f"The {inputs} files are {len(sizes)} objects in S3, {size(sum(sizes))}: equal contents are kept once."
    )


def _log(demo: Demo, session_id: str) -> list[str]:
    from deadline.client import api

    result = api.get_session_logs(demo.farm_id, demo.queue_id, session_id=session_id, limit=LARGEST_LOG)
    return [event.message for event in result.events]
