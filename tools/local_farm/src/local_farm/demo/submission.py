"""The job bundle's folder, and whom its submission tells what happens."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from deadline.client.api.submission.host import QuietHost
from deadline.client.api.submission.request import SubmissionRequest
from deadline.job_attachments.progress_tracker import ProgressReportMetadata
from local_farm.demo.screen import Screen
from local_farm.demo.workspace import OutputFolder
from local_farm.endings import Ending

BUNDLE = Path(__file__).with_name("bundle")


def lay_out_bundle(bundle: Path, target: Path) -> list[Path]:
    """Copy a job bundle to where the user can change it and submit it again; gives its input files."""
    shutil.copytree(bundle, target, ignore=shutil.ignore_patterns("__pycache__"))
    # This very interpreter renders: it is there, wherever else a `python` may or may not be.
    values = {"parameterValues": [{"name": "Python", "value": sys.executable}]}
    (target / "parameter_values.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    return sorted(path for name in ("scene", "scripts") for path in (target / name).rglob("*") if path.is_file())


def request_for(output: OutputFolder) -> SubmissionRequest:
    """What to submit: the bundle, whose outputs come back beside it. A task that fails here would fail again."""
    return SubmissionRequest(
        bundle_dir=str(output.bundle),
        job_parameters=[{"name": "Output", "value": str(output.rendered)}],
        max_retries_per_task=0,
        max_failed_tasks_count=1,
        submitter_name="local-farm-demo",
    )


class DemoHost(QuietHost):
    """Shows what the library says, answers with the default, and goes on until somebody wants to end."""

    def __init__(self, screen: Screen, ending: Ending) -> None:
        self._screen = screen
        self._ending = ending

    def show(self, message: str) -> None:
        """Show a message of the library as it is."""
        self._screen.say(message.rstrip(), dim=True)

    def confirm(self, message: str, default: bool) -> bool:
        """Take the default: the files are the demo's own."""
        return default

    def hashing(self, report: ProgressReportMetadata) -> bool:
        """Show how far hashing is."""
        return self._progress(report)

    def uploading(self, report: ProgressReportMetadata) -> bool:
        """Show how far the upload is."""
        return self._progress(report)

    def keep_waiting(self) -> bool:
        """Whether to wait for the job to be created."""
        return not self._ending.asked

    def _progress(self, report: ProgressReportMetadata) -> bool:
        if self._screen.live:
            self._screen.draw([report.progressMessage], report.progressMessage)
        return not self._ending.asked


class QuietlyGoingOn(DemoHost):
    """Keeps what is said instead of showing it."""

    def __init__(self, screen: Screen, ending: Ending) -> None:
        super().__init__(screen, ending)
        self.said: list[str] = []

    def show(self, message: str) -> None:
        """Keep a message."""
        self.said.append(message)


def stored_objects(s3: Any, bucket: str, prefix: str) -> list[int]:
    """The sizes of the data objects in a queue's bucket."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/Data/")
    return [item["Size"] for page in pages for item in page.get("Contents", [])]
