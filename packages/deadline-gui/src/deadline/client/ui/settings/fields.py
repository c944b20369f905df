"""The table of what the settings window shows: groups of fields, each with its setting, label, kind and explanation.

A new setting appears in the window by a line here. Labels and titles are those by which users of the window, and
programs that drive it, know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Dict, Iterator, Tuple

from deadline.client.config.config_file import SETTINGS

LARGEST_NUMBER = 2147483647


class Kind(Enum):
    """How a setting is shown and edited."""

    PROFILE = "profile"
    FARM = "farm"
    QUEUE = "queue"
    STORAGE_PROFILE = "storage profile"
    FOLDER = "folder"
    FILE = "file"
    FOLDERS = "folders"
    CHOICE = "choice"
    SWITCH = "switch"
    NUMBER = "number"
    TEXT = "text"


RESOURCES = (Kind.FARM, Kind.QUEUE, Kind.STORAGE_PROFILE)
"""The kinds whose values AWS lists."""

CHOSEN = (Kind.PROFILE, *RESOURCES)
"""The kinds that say where this workstation belongs, which no default can know."""


@dataclass(frozen=True)
class Field:
    """One setting as the window shows it."""

    setting: str
    label: str
    kind: Kind
    explanation: str = ""
    """A line under the control; empty takes the description of the setting."""
    choices: Tuple[Tuple[str, str], ...] = ()
    """For :attr:`Kind.CHOICE` the values and how each one reads."""
    hint: str = ""
    """What an empty control shows."""

    @property
    def help(self) -> str:
        """The line under the control."""
        return self.explanation or str(SETTINGS[self.setting]["description"])


@dataclass(frozen=True)
class Group:
    """Fields that stand together."""

    title: str
    fields: Tuple[Field, ...]


GROUPS: Tuple[Group, ...] = (
    Group(
        "Global settings",
        (
            Field(
                "defaults.aws_profile_name",
                "AWS profile",
                Kind.PROFILE,
                "The folders and the farm below belong to the profile; each profile has its own.",
            ),
        ),
    ),
    Group(
        "Profile settings",
        (
            Field(
                "settings.job_history_dir",
                "Job history directory",
                Kind.FOLDER,
                "Where submitted job bundles are kept.",
            ),
            Field(
                "settings.job_bundle_default_directory",
                "Job bundle directory",
                Kind.FOLDER,
                "Where the choice of a job bundle begins.",
                hint="Home folder",
            ),
        ),
    ),
    Group(
        "Farm settings",
        (
            Field("defaults.farm_id", "Farm", Kind.FARM, "Choose one, or enter its id."),
            Field("defaults.queue_id", "Queue", Kind.QUEUE, "Where jobs are submitted to unless you say otherwise."),
            Field(
                "settings.storage_profile_id",
                "Default storage profile",
                Kind.STORAGE_PROFILE,
                "Which paths of this workstation the farm's workers see too.",
            ),
            Field(
                "defaults.job_attachments_file_system",
                "Job attachments filesystem options",
                Kind.CHOICE,
                "How workers get the files of a job.",
                choices=(
                    ("COPIED", "Copy all files before the job starts"),
                    ("VIRTUAL", "Fetch files when they are first read"),
                ),
            ),
        ),
    ),
    Group(
        "General settings",
        (
            Field("settings.auto_accept", "Auto accept prompt defaults", Kind.SWITCH),
            Field("telemetry.opt_out", "Telemetry opt out", Kind.SWITCH),
            Field("settings.force_s3_check", "Always check S3 job attachments", Kind.SWITCH),
            Field("settings.submitter_update_notification", "Show submitter update notifications", Kind.SWITCH),
            Field(
                "settings.conflict_resolution",
                "Conflict resolution option",
                Kind.CHOICE,
                "What to do when a file to download is there already.",
                choices=(
                    ("NOT_SELECTED", "Ask me"),
                    ("SKIP", "Keep the file that is there"),
                    ("OVERWRITE", "Overwrite the file"),
                    ("CREATE_COPY", "Download under a new name"),
                ),
            ),
            Field(
                "settings.log_level",
                "Current logging level",
                Kind.CHOICE,
                choices=(("ERROR", "Errors"), ("WARNING", "Warnings"), ("INFO", "Information"), ("DEBUG", "Debugging")),
                explanation="How much is logged; each level includes the ones above it.",
            ),
            Field("settings.max_retries_per_task", "Default maximum retries per task", Kind.NUMBER),
            Field("settings.max_failed_tasks_count", "Default maximum failed tasks count", Kind.NUMBER),
            Field(
                "settings.known_asset_paths",
                "Known asset paths",
                Kind.FOLDERS,
                "Folders from which files may be uploaded without a warning.",
            ),
        ),
    ),
    Group(
        "Network settings",
        (
            Field(
                "settings.https_proxy",
                "HTTPS proxy",
                Kind.TEXT,
                "For AWS services; it goes before the variable HTTPS_PROXY.",
                hint="http://proxy.example.com:8080",
            ),
            Field(
                "settings.ca_bundle",
                "CA bundle",
                Kind.FILE,
                "A PEM file with the certificates to trust for AWS services; it goes before AWS_CA_BUNDLE.",
                hint="Certificates of this system",
            ),
        ),
    ),
)


def fields() -> Iterator[Field]:
    """Every field, in the order of the window."""
    for group in GROUPS:
        yield from group.fields


FIELDS: Dict[str, Field] = {field.setting: field for field in fields()}
"""Every field by its setting."""
