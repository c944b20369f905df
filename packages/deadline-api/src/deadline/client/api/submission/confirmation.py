"""The message about the files that travel with a job, and who decides whether they may."""

from __future__ import annotations

from typing import List, Mapping, Sequence

from deadline.client.exceptions import DeadlineOperationCanceled, UserInitiatedCancel
from deadline.client.job_bundle.paths import is_path_contained
from deadline.job_attachments._human_size import human_readable_file_size
from deadline.job_attachments.models import AssetUploadGroup, StorageProfile

from .host import SubmissionHost
from .known_paths import PathClasses

_RULE = "*" * 59
_SHOWN = 5
_NAME_THEM = "Name the paths with --known-asset-path (in Python known_asset_paths), or in the setting settings.known_asset_paths."


def confirmation_message(
    group: AssetUploadGroup,
    classes: PathClasses,
    local_locations: Mapping[str, str],
    storage_profile: StorageProfile | None,
) -> str:
    """What is uploaded and from where, and where workers write to; with a warning about folders nobody named."""
    label = f"[{storage_profile.displayName}] " if storage_profile else ""

    def lines(inputs: Sequence[str], outputs: Sequence[str]) -> List[str]:
        return [
            *(_labelled(path, label, local_locations) for path in inputs),
            *(f"(output) {_labelled(path, label, local_locations)}" for path in outputs),
        ]

    known = lines(classes.known_inputs, classes.known_outputs)
    unknown = lines(classes.unknown_inputs, classes.unknown_outputs)
    outputs = len(classes.known_outputs) + len(classes.unknown_outputs)
    sections = [
        (
            "Job submission contains job attachments\n"
            "Files are uploaded from these folders, and workers' files come back to those marked as output."
        ),
        _RULE,
        "\n".join(["    Known paths:", *(f"    {line}" for line in _shortened(known) or ["    (none)"])]),
    ]
    if unknown:
        sections += [
            "\n".join(["    Unknown paths:", *(f"     {line}" for line in _shortened(unknown))]),
            (
                "    WARNING: neither you nor the settings named the unknown paths. Check that the job is meant to use\n"
                "    them. To make them known add them to the setting settings.known_asset_paths, or as LOCAL locations\n"
                f"    to {_profile(storage_profile)}."
            ),
        ]
    size = human_readable_file_size(group.total_input_bytes)
    sections += [
        _RULE,
        (
            "Summary:\n"
            f"    Local uploads: {_count(group.total_input_files, 'file')} ({size}) before deduplication\n"
            f"    Worker uploads: Files created in {_count(outputs, 'output directory', 'output directories')}"
        ),
    ]
    return "\n\n".join(sections)


def confirm_attachments(
    host: SubmissionHost, message: str, *, has_unknown: bool, auto_accept: bool, from_gui: bool
) -> None:
    """Show the message, and ask about it unless it is clear that the files may travel.

    Args:
        host: Who shows and asks.
        message: What :func:`confirmation_message` says.
        has_unknown: Whether a folder is unknown, so that the default answer is no.
        auto_accept: The setting: take default answers instead of asking. A program cannot say yes to unknown folders
            for its user by it; a window asks about them all the same.
        from_gui: Whether a window asks.

    Raises:
        UserInitiatedCancel: The user said no.
        DeadlineOperationCanceled: Folders are unknown and nobody can be asked, or may be.
    """
    if auto_accept and not (has_unknown and from_gui):
        host.show(message)
        if has_unknown:
            host.show("Job submission canceled: unknown paths are not accepted without asking.")
            raise DeadlineOperationCanceled(
                f"The job was not submitted: it would upload from unknown paths, and questions are turned off. {_NAME_THEM}"
            )
        return
    question = "Choose OK to continue." if from_gui else "Do you wish to proceed?"
    answer = host.confirm(f"{message}\n\n{question}", not has_unknown)
    if answer is None:
        host.show(message)
        if has_unknown:
            host.show("Job submission canceled: there are unknown paths, and nobody to ask about them.")
            raise DeadlineOperationCanceled(
                f"The job was not submitted: it would upload from unknown paths, and there is nobody to ask. {_NAME_THEM}"
            )
    elif not answer:
        host.show("Job submission canceled.")
        raise UserInitiatedCancel("The job was not submitted.")


def _profile(storage_profile: StorageProfile | None) -> str:
    if storage_profile is not None:
        return "your storage profile"
    # Named are what chooses one: at the command line, and for good.
    return "a storage profile, and choose that: --storage-profile-id, settings.storage_profile_id"


def _labelled(path: str, label: str, local_locations: Mapping[str, str]) -> str:
    local = any(is_path_contained(path, location) for location in local_locations)
    return f"{label}{path}" if local else path


def _shortened(lines: Sequence[str]) -> List[str]:
    # With one line more the remark about it would take as much room as the line.
    if len(lines) <= _SHOWN:
        return list(lines)
    return [*lines[: _SHOWN - 1], f"  ... and {len(lines) - _SHOWN + 1} more"]


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
