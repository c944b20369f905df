"""An upload or a download in a process of its own, through the public doors, so that a test can kill or limit it.

``python transfer.py upload|download '<arguments as JSON>'`` prints what came out as one line of JSON, or the message of
the library's error with status 3. Anything else that goes wrong is a traceback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

REFUSED = 3


def upload(inputs: str, caches: str) -> Any:
    from deadline.job_attachments.models import JobAttachmentS3Settings
    from deadline.job_attachments.upload import S3AssetManager

    settings = JobAttachmentS3Settings("bucket", "root")
    manager = S3AssetManager("farm-1", "queue-1", settings, session=_session())
    paths = [str(path) for path in Path(inputs).rglob("*") if path.is_file()]
    group = manager.prepare_paths_for_upload(paths, [], [])
    _, manifests = manager.hash_assets_and_create_manifest(
        group.asset_groups, group.total_input_files, group.total_input_bytes, caches
    )
    summary, attachments = manager.upload_assets(manifests, s3_check_cache_dir=caches)
    return {"processed": summary.processed_files, "manifests": [m.to_dict() for m in attachments.manifests]}


def download(root: str, manifest: str, resolution: str) -> Any:
    from deadline.job_attachments.asset_manifests.decode import decode_manifest
    from deadline.job_attachments.download import download_files_from_manifests
    from deadline.job_attachments.models import FileConflictResolution

    summary = download_files_from_manifests(
        "bucket",
        {root: decode_manifest(Path(manifest).read_text(encoding="utf-8"))},
        "root/Data",
        session=_session(),
        conflict_resolution=FileConflictResolution[resolution],
    )
    return {"processed": summary.processed_files, "skipped": summary.skipped_files}


def _session() -> Any:
    import boto3

    return boto3.Session(aws_access_key_id="id", aws_secret_access_key="secret", region_name="us-west-2")


def start(what: str, endpoint: str, home: Path, **arguments: Any) -> subprocess.Popen[str]:
    """Start this module in a process of its own, which talks to ``endpoint`` and has its home folder in ``home``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**kept, "AWS_ENDPOINT_URL": endpoint, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.Popen(
        [sys.executable, __file__, what, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def result_of(process: subprocess.Popen[str]) -> Any:
    """What a process that was started came to; an error when it did not end well."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, f"status {process.returncode}\n{out}\n{err}"
    return json.loads(out)


def main(arguments: List[str]) -> Optional[int]:
    from deadline.job_attachments.exceptions import AssetSyncError, JobAttachmentsError

    call: Dict[str, Any] = json.loads(arguments[1])
    longest_file = call.pop("longest_file", None)
    if longest_file is not None:
        import resource

        # To a program a file that may not grow looks as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest_file, longest_file))
    try:
        print(json.dumps({"upload": upload, "download": download}[arguments[0]](**call)))
    except (AssetSyncError, JobAttachmentsError) as error:
        print(error)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
