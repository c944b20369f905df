"""The hooks of one folder for programs of others: :class:`HookManager`, and the managers of all hooks that may run."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Type

from . import running
from .hook_file import SUBMISSION_PHASES, HookPhase, Hooks, read_hooks
from .metadata import HookMetadata
from .sources import BUNDLE_LABEL, HookSource, find_hook_sources, script_folder_of

Print = Callable[[str], Any]


class HookManager:
    """The hooks of one folder.

    Args:
        job_bundle_dir: The folder with the hooks file.
        print_callback: Gets a line for each hook that runs, and what hooks write to their standard error.
        source_label: How to call where the hooks come from.
    """

    def __init__(self, job_bundle_dir: str, print_callback: Print, source_label: str = BUNDLE_LABEL) -> None:
        self.job_bundle_dir = job_bundle_dir
        self.source_label = source_label
        self.hooks = Hooks()
        """The hooks, once :meth:`load_hooks` has read them."""
        self._print = print_callback
        # Programs of others show it to their users.
        self._original_bundle_dir = script_folder_of(job_bundle_dir)

    def load_hooks(self) -> Hooks:
        """Read the hooks file, and return what it says; no hooks where there is none.

        Raises:
            DeadlineOperationError: The file is not well formed.
        """
        self.hooks = read_hooks(self.job_bundle_dir)
        return self.hooks

    def execute_pre_gui_hooks(self, metadata: HookMetadata) -> Dict[str, Any]:
        """Run the pre-GUI hooks, and return what they answered; errors as of :func:`.running.run_pre_gui_hooks`."""
        return running.run_pre_gui_hooks(self._source, metadata, self._print)

    def execute_pre_submission_hooks(self, metadata: HookMetadata, payload: Mapping[str, Any]) -> Dict[str, Any]:
        """Run the pre-submission hooks, and return ``payload`` with what they answered.

        Errors as of :func:`.running.run_pre_submission_hooks`.
        """
        return running.run_pre_submission_hooks(self._source, metadata, payload, self._print)

    def execute_post_submission_hooks(self, metadata: HookMetadata) -> None:
        """Run the post-submission hooks; those that fail leave a warning in the log."""
        running.run_post_submission_hooks(self._source, metadata, self._print)

    @property
    def _source(self) -> HookSource:
        return HookSource(self.source_label, self.job_bundle_dir, self._original_bundle_dir, self.hooks)


def collect_submission_hook_sources(
    bundle_dir: Optional[str],
    env_hooks_dir: Optional[str],
    allow_bundle_hooks: bool,
    allow_environment_hooks: bool,
    print_callback: Print,
    warning_callback: Optional[Print] = None,
    hook_manager_cls: Optional[Type[HookManager]] = None,
) -> List[HookManager]:
    """The hooks that run before and after a submission: those of the environment first, then those of the bundle.

    Args:
        bundle_dir: The job bundle; nothing is looked for where it is empty.
        env_hooks_dir: The value of the variable ``DEADLINE_HOOKS_DIR``.
        allow_bundle_hooks: The setting ``settings.allow_bundle_hooks``.
        allow_environment_hooks: The setting ``settings.allow_environment_hooks``.
        print_callback: Gets notes about hooks that are not allowed, and later the output of hooks.
        warning_callback: Gets what looks like a mistake; ``print_callback`` where left out.
        hook_manager_cls: The class to make managers of.

    Raises:
        DeadlineOperationError: A hooks file that is allowed is not well formed.
    """
    return _collect(
        SUBMISSION_PHASES,
        bundle_dir,
        env_hooks_dir,
        allow_bundle_hooks,
        allow_environment_hooks,
        print_callback,
        warning_callback or print_callback,
        hook_manager_cls or HookManager,
    )


def collect_pre_gui_hook_sources(
    bundle_dir: Optional[str],
    env_hooks_dir: Optional[str],
    allow_bundle_hooks: bool,
    allow_environment_hooks: bool,
    print_callback: Print,
    warning_callback: Optional[Print] = None,
    hook_manager_cls: Optional[Type[HookManager]] = None,
) -> List[HookManager]:
    """The hooks that run before a submission window opens; arguments as of :func:`collect_submission_hook_sources`."""
    return _collect(
        (HookPhase.PRE_GUI,),
        bundle_dir,
        env_hooks_dir,
        allow_bundle_hooks,
        allow_environment_hooks,
        print_callback,
        warning_callback or print_callback,
        hook_manager_cls or HookManager,
    )


def _collect(
    phases: Sequence[HookPhase],
    bundle_dir: Optional[str],
    env_hooks_dir: Optional[str],
    allow_bundle_hooks: bool,
    allow_environment_hooks: bool,
    print_callback: Print,
    warning_callback: Print,
    manager_class: Type[HookManager],
) -> List[HookManager]:
    found = find_hook_sources(
        phases,
        bundle_dir,
        env_hooks_dir,
        allow_bundle_hooks=allow_bundle_hooks,
        allow_environment_hooks=allow_environment_hooks,
    )
    for warning in found.warnings:
        warning_callback(warning)
    for note in found.notes:
        print_callback(note)
    managers = [manager_class(source.folder, print_callback, source.label) for source in found.sources]
    for manager in managers:
        manager.load_hooks()
    return managers
