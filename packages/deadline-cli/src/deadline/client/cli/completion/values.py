"""What options and arguments offer to be completed with: callbacks for the ``shell_complete`` of click's parameters."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Tuple

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], List[CompletionItem]]

_BOOLEANS = ("true", "false")
_RESOURCES_OF_SETTINGS = {
    "defaults.farm_id": "farm",
    "defaults.queue_id": "queue",
    "defaults.job_id": "job",
    "settings.storage_profile_id": "storage-profile",
}


def resources(kind: str) -> Complete:
    """Offers the ids of a kind of resource: ``farm``, ``queue``, ``fleet``, ``job``, ``worker`` or ``storage-profile``."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
        from .lookup import find_resources

        return _matching(_quietly(lambda: find_resources(kind, context.params)), incomplete)

    return complete


def profiles(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Offers the AWS profiles of this user."""
    from deadline.client.config._profiles import aws_profile_names

    return _matching(_quietly(lambda: [(name, "") for name in aws_profile_names()]), incomplete)


def regions(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Offers the regions in which farms are looked for."""
    from deadline.client.config.config_file import get_deadline_regions

    return _matching(_quietly(lambda: [(region, "") for region in get_deadline_regions()]), incomplete)


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Leaves it to the shell to offer files and folders."""
    return [CompletionItem(incomplete, type="file")]


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Leaves it to the shell to offer folders."""
    return [CompletionItem(incomplete, type="dir")]


def settings(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Offers the names of settings."""
    from deadline.client.config.config_file import SETTINGS

    return _matching([(name, entry["description"]) for name, entry in SETTINGS.items()], incomplete)


def setting_values(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[CompletionItem]:
    """Offers values for the setting ``setting_name`` of the command."""
    name = context.params.get("setting_name") or ""
    if name in _RESOURCES_OF_SETTINGS:
        return resources(_RESOURCES_OF_SETTINGS[name])(context, parameter, incomplete)
    if name == "defaults.aws_profile_name":
        return profiles(context, parameter, incomplete)
    if name == "defaults.farm_region":
        return regions(context, parameter, incomplete)
    return _matching([(word, "") for word in _words_for(name)], incomplete)


def _words_for(setting: str) -> Iterable[str]:
    from deadline.client.config._settings import CONFLICT_RESOLUTIONS, FILE_SYSTEMS, LOG_LEVELS, SETTINGS

    words = {
        "settings.conflict_resolution": CONFLICT_RESOLUTIONS,
        "settings.log_level": LOG_LEVELS,
        "defaults.job_attachments_file_system": FILE_SYSTEMS,
    }
    if setting in words:
        return words[setting]
    return _BOOLEANS if SETTINGS.get(setting, {}).get("default") in _BOOLEANS else ()


def _matching(items: Iterable[Tuple[str, str]], incomplete: str) -> List[CompletionItem]:
    return [CompletionItem(value, help=text or None) for value, text in items if value.startswith(incomplete)]


def _quietly(find: Callable[[], Any]) -> List[Tuple[str, str]]:
    try:
        return list(find())
    except Exception:  # a settings file that cannot be read, for instance; the command itself will say so
        return []
