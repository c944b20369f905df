"""Which hooks files count for a submission, and which of them are allowed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationError

from .hook_file import HookPhase, Hooks, read_hooks
from .origin import claims_an_origin, recorded_origin

FOLDER_VARIABLE = "DEADLINE_HOOKS_DIR"
BUNDLE_LABEL = "job bundle"
ENVIRONMENT_LABEL = f"environment ({FOLDER_VARIABLE})"
BUNDLE_SETTING = "settings.allow_bundle_hooks"
ENVIRONMENT_SETTING = "settings.allow_environment_hooks"


@dataclass(frozen=True)
class HookSource:
    """The hooks of a folder, and where their scripts are."""

    label: str
    folder: str
    script_folder: str
    hooks: Hooks


@dataclass(frozen=True)
class HookSources:
    """The sources of hooks that run, in their order, and what users should know about others."""

    sources: Tuple[HookSource, ...] = ()
    notes: Tuple[str, ...] = ()
    """Hooks that do not run because no setting allows it."""
    warnings: Tuple[str, ...] = ()
    """What looks like a mistake."""


def script_folder_of(bundle_dir: str) -> str:
    """Where the scripts of a bundle's hooks are."""
    return recorded_origin(bundle_dir) or os.path.abspath(bundle_dir)


def find_hook_sources(
    phases: Sequence[HookPhase],
    bundle_dir: Optional[str],
    environment_dir: Optional[str],
    *,
    allow_bundle_hooks: bool,
    allow_environment_hooks: bool,
) -> HookSources:
    """Find the hooks of these phases: those of the environment first, then those of the bundle.

    Args:
        phases: The phases that count.
        bundle_dir: The job bundle, where there is one.
        environment_dir: The value of ``DEADLINE_HOOKS_DIR``, where it is set.
        allow_bundle_hooks: The setting ``settings.allow_bundle_hooks``.
        allow_environment_hooks: The setting ``settings.allow_environment_hooks``.

    Raises:
        DeadlineOperationError: A hooks file that is allowed is not well formed.
    """
    found = _Finder(phases)
    environment = os.path.abspath(os.path.expanduser(environment_dir)) if environment_dir else ""
    if environment and not os.path.isdir(environment):
        found.warnings.append(f"{FOLDER_VARIABLE} names {environment}, which is not a folder; it has no hooks to run.")
    elif environment and bundle_dir and os.path.realpath(environment) == os.path.realpath(bundle_dir):
        # One file of hooks runs once.
        allow_bundle_hooks = allow_bundle_hooks or allow_environment_hooks
    elif environment:
        found.add(ENVIRONMENT_LABEL, environment, environment, allow_environment_hooks, ENVIRONMENT_SETTING)
    if bundle_dir:
        added = found.add(BUNDLE_LABEL, bundle_dir, script_folder_of(bundle_dir), allow_bundle_hooks, BUNDLE_SETTING)
        if added and claims_an_origin(bundle_dir) and recorded_origin(bundle_dir) is None:
            found.warnings.append(
                f"The job bundle {bundle_dir} says that the scripts of its hooks are elsewhere. That is passed over, "
                "since it is not this client that has written so."
            )
    return HookSources(tuple(found.sources), tuple(found.notes), tuple(found.warnings))


class _Finder:
    def __init__(self, phases: Sequence[HookPhase]) -> None:
        self._phases = phases
        self.sources: List[HookSource] = []
        self.notes: List[str] = []
        self.warnings: List[str] = []

    def add(self, label: str, folder: str, script_folder: str, allowed: bool, setting: str) -> bool:
        """Take the hooks of a folder where they are allowed; whether there are any that run."""
        try:
            hooks = read_hooks(folder)
        except DeadlineOperationError as error:
            if allowed:
                raise
            self.warnings.append(f"Hooks of the {label} do not run, and could not be read. {error}")
            return False
        if not any(hooks.of(phase) for phase in self._phases):
            return False
        if allowed:
            self.sources.append(HookSource(label, os.path.abspath(folder), script_folder, hooks))
        else:
            self.notes.append(
                f"The {label} has hooks, programs that it wants to run on this computer. They do not run. To allow such "
                f"hooks: deadline config set {setting} true"
            )
        return allowed
