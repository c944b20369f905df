"""Drives an implementation of ``deadline`` through the functions that programs of others call.

``PYTHON deadline_driver.py OPERATION OPTIONS``, where PYTHON has the implementation installed and OPTIONS is a JSON
object. It prints a JSON object: ``inner_wall`` and ``inner_cpu`` are the seconds of the work alone, without the start of
the interpreter and the imports. Both implementations get the same calls; nothing here knows which one it drives.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

Options = Dict[str, Any]
Report = Dict[str, float]

FARM, QUEUE, JOB = (f"{kind}-{1:032x}" for kind in ("farm", "queue", "job"))
STEP, TASK, ACTION = f"step-{1:032x}", f"task-{1:032x}-0", f"sessionaction-{1:032x}-0"


def go_on(_: Any) -> bool:
    """The progress callback: every program that submits or downloads has one."""
    return True


@contextlib.contextmanager
def timed(report: Report) -> Iterator[None]:
    """Add the seconds of the block to ``report``."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    report["inner_wall"] = report.get("inner_wall", 0.0) + time.perf_counter() - wall
    report["inner_cpu"] = report.get("inner_cpu", 0.0) + time.process_time() - cpu


def files_below(root: str) -> List[str]:
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)


def snapshot(options: Options, report: Report) -> None:
    """Write a manifest of everything below ``root``."""
    from deadline.job_attachments.api.manifest import _manifest_snapshot

    with timed(report):
        written = _manifest_snapshot(
            root=options["root"],
            destination=options["destination"],
            name="bench",
            hashing_progress_callback=go_on,
            hash_cache_dir=options["cache"],
        )
    assert written is not None


def hash_files(options: Options, report: Report) -> None:
    """Hash the files below ``root`` into a manifest."""
    from deadline.job_attachments.upload import S3AssetManager

    manager = S3AssetManager()
    group = manager.prepare_paths_for_upload(files_below(options["root"]), [], [])
    with timed(report):
        _, manifests = manager.hash_assets_and_create_manifest(
            group.asset_groups, group.total_input_files, group.total_input_bytes, options["cache"], go_on
        )
    hashed = manifests[0].asset_manifest
    assert hashed is not None
    assert len(hashed.paths) == group.total_input_files


def upload(options: Options, report: Report) -> None:
    """Hash the files below ``root`` and upload them with their manifest, as a submission does."""
    _upload(options, report, go_on)


def cancel(options: Options, report: Report) -> None:
    """Upload, and say stop as soon as a file has been sent; ``stopped_at`` is when, by the machine's clock."""

    def stop(progress: Any) -> bool:
        if progress.processedFiles < 1:
            return True
        report.setdefault("stopped_at", time.monotonic())
        return False

    from deadline.job_attachments.exceptions import AssetSyncCancelledError

    with contextlib.suppress(AssetSyncCancelledError):
        _upload(options, report, stop)


def _upload(options: Options, report: Report, on_uploading: Callable[[Any], bool]) -> None:
    import boto3

    from deadline.job_attachments.models import JobAttachmentS3Settings
    from deadline.job_attachments.upload import S3AssetManager

    with timed(report):
        settings = JobAttachmentS3Settings(options["bucket"], options["prefix"])
        manager = S3AssetManager(FARM, QUEUE, settings, session=boto3.Session())
        group = manager.prepare_paths_for_upload(files_below(options["root"]), [], [])
        _, manifests = manager.hash_assets_and_create_manifest(
            group.asset_groups, group.total_input_files, group.total_input_bytes, options["cache"], go_on
        )
        manager.upload_assets(manifests, on_uploading, options["cache"])


def publish(options: Options, report: Report) -> None:
    """Upload the files below ``root`` as the outputs of a task."""
    import boto3

    from deadline.job_attachments.models import JobAttachmentS3Settings
    from deadline.job_attachments.upload import S3AssetManager, S3AssetUploader

    root = options["root"]
    settings = JobAttachmentS3Settings(options["bucket"], options["prefix"])
    session = boto3.Session()
    group = S3AssetManager(session=session).prepare_paths_for_upload(files_below(root), [], [])
    group.asset_groups[0].root_path = root
    _, manifests = S3AssetManager(session=session).hash_assets_and_create_manifest(
        group.asset_groups, group.total_input_files, group.total_input_bytes, options["cache"]
    )
    hashed = manifests[0].asset_manifest
    assert hashed is not None
    uploader = S3AssetUploader(session, s3_max_pool_connections=50, small_file_threshold_multiplier=20)
    with timed(report):
        uploader.upload_assets(
            settings,
            hashed,
            Path(root),
            settings.partial_session_action_manifest_prefix(FARM, QUEUE, JOB, STEP, TASK, ACTION, time.time()),
            s3_check_cache_dir=options["cache"],
            manifest_metadata={"Metadata": {"asset-root": root}},
            manifest_name_suffix="output",
        )


def download(options: Options, report: Report) -> None:
    """Download the outputs of the job into ``destination``."""
    import boto3

    from deadline.job_attachments.download import OutputDownloader
    from deadline.job_attachments.models import FileConflictResolution, JobAttachmentS3Settings

    with timed(report):
        settings = JobAttachmentS3Settings(options["bucket"], options["prefix"])
        downloader = OutputDownloader(settings, FARM, QUEUE, JOB, session=boto3.Session())
        downloader.set_root_path(options["root"], options["destination"])
        downloader.download(FileConflictResolution.OVERWRITE, go_on)


def manifest(options: Options, report: Report) -> None:
    """Decode the manifest in the file ``text``, put its entries out of order, and encode it again."""
    import random

    from deadline.job_attachments.asset_manifests.decode import decode_manifest

    text = Path(options["text"]).read_text(encoding="utf-8")
    decoding: Report = {}
    with timed(decoding):
        decoded = decode_manifest(text)
    # A new manifest has its files in any order; encoding sorts them.
    random.Random(0).shuffle(decoded.paths)
    encoding: Report = {}
    with timed(encoding):
        encoded = decoded.encode()
    assert encoded == text, "the text changed on its way"
    report["decode"], report["encode"] = decoding["inner_wall"], encoding["inner_wall"]
    report["inner_wall"] = report["decode"] + report["encode"]
    report["inner_cpu"] = decoding["inner_cpu"] + encoding["inner_cpu"]


OPERATIONS = {
    operation.__name__: operation for operation in (snapshot, hash_files, upload, cancel, publish, download, manifest)
}


def main() -> None:
    report: Report = {}
    OPERATIONS[sys.argv[1]](json.loads(sys.argv[2]), report)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
