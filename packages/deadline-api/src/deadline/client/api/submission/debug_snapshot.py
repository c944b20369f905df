"""A submission as files: what CreateJob would have got, and scripts that send it by the AWS CLI.

======================================  ==============================================================
file                                    content
======================================  ==============================================================
``create_job_args.json``                all arguments of CreateJob
``queue.json``                          the queue
``storage_profile.json``                the storage profile, where there is one
``<argument>_param.json``               an argument that is a mapping or a list
``<argument>_param.data``               an argument that is long text, such as the template
``Data``, ``Manifests``                 the job's files, as below the root prefix in S3; written before by
                                        :func:`.attachments.snapshot_attachments`
``submit_job.sh``, ``submit_job.bat``   upload the files, then create the job; they need AWS CLI version 2
======================================  ==============================================================

People look at a snapshot to see why a submission goes wrong, and send it to somebody else, who submits it from another
machine.
"""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any, List, Mapping, Optional

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.models import JobAttachmentS3Settings, StorageProfile

from .scripts import bash_script, batch_script

LONGEST_INLINE_TEXT = 200
"""Characters of an argument that stands in the scripts themselves; a command line of Windows has room for 8191 in all."""

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_FROM_ELSEWHERE = ("file://", "fileb://", "http://", "https://")
"""How values begin that the AWS CLI takes for the place of the value."""


def write_debug_snapshot(
    folder: str,
    *,
    queue: Mapping[str, Any],
    create_job_arguments: Mapping[str, Any],
    storage_profile: Optional[StorageProfile] = None,
    s3_settings: Optional[JobAttachmentS3Settings] = None,
    has_data: bool = False,
) -> None:
    """Write the snapshot of a submission. Files of the same names are replaced; the scripts come last.

    Args:
        folder: Where to; made where it does not exist.
        queue: The answer of GetQueue.
        create_job_arguments: The arguments of CreateJob, with ``attachments`` where the job has some.
        storage_profile: The storage profile of the submission.
        s3_settings: Where the queue keeps attachments; needed where ``has_data`` is set.
        has_data: Whether the folder has ``Data`` and ``Manifests``, which the scripts upload then.

    Raises:
        DeadlineOperationError: A file cannot be written.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        answer = {name: value for name, value in queue.items() if name != "ResponseMetadata"}
        _write_json(target / "create_job_args.json", create_job_arguments)
        _write_json(target / "queue.json", answer)
        if storage_profile is not None:
            _write_json(target / "storage_profile.json", storage_profile.to_dict())
        commands = _upload_commands(s3_settings) if has_data and s3_settings is not None else []
        commands.append(_create_job_command(target, create_job_arguments))
        _write(target / "submit_job.bat", batch_script(commands))
        script = target / "submit_job.sh"
        _write(script, bash_script(commands))
        script.chmod(script.stat().st_mode | 0o111)
    except OSError as error:
        raise DeadlineOperationError(
            f"The debug snapshot could not be written to {folder}: {error.strerror or error}. Choose another folder."
        ) from error


def to_plain(value: Any) -> Any:
    """A value of any depth as JSON has it: times as ISO 8601, sets as sorted lists, what is unknown as text."""
    if isinstance(value, Mapping):
        return {str(name): to_plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, Enum):
        return to_plain(value.value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def kebab_case(name: str) -> str:
    """The name of an argument as the AWS CLI has it: ``max-retries-per-task`` for ``maxRetriesPerTask``."""
    return _CAPITAL.sub("-", name).lower()


def _upload_commands(settings: JobAttachmentS3Settings) -> List[List[str]]:
    root = settings.to_s3_root_uri()
    return [["aws", "s3", "cp", "--recursive", f"./{name}", f"{root}/{name}"] for name in ("Data", "Manifests")]


def _create_job_command(folder: Path, arguments: Mapping[str, Any]) -> List[str]:
    command = ["aws", "deadline", "create-job"]
    for name, value in arguments.items():
        option = kebab_case(name)
        text = _written(folder, option, value)
        # What begins with a dash would be taken for an option of its own.
        command += [f"--{option}={text}"] if text.startswith("-") else [f"--{option}", text]
    return command


def _written(folder: Path, option: str, value: Any) -> str:
    """The value of an option, or where it is written to."""
    if isinstance(value, (Mapping, list, tuple)):
        path = folder / f"{option}_param.json"
        _write_json(path, value)
        return f"file://{path.name}"
    text = str(to_plain(value))
    if isinstance(value, str) and _needs_a_file(option, value):
        path = folder / f"{option}_param.data"
        _write(path, text)
        return f"file://{path.name}"
    return text


def _needs_a_file(option: str, text: str) -> bool:
    if option == "template" or len(text) > LONGEST_INLINE_TEXT or text.startswith(_FROM_ELSEWHERE):
        return True
    # Control characters end a command or vanish from it, in one shell or the other.
    return not text.isprintable()


def _write_json(path: PurePath, value: Any) -> None:
    _write(path, json.dumps(to_plain(value), indent=1) + "\n")


def _write(path: PurePath, text: str) -> None:
    """Write text as it is: neither the lines of a template nor those of a script may be turned into Windows' ones."""
    Path(path).write_bytes(text.encode("utf-8"))
