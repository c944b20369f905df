"""Hooks: programs that run on this computer around a submission, because a job bundle or a studio asks for them.

A ``hooks.yaml`` or ``hooks.json`` names them in three lists: ``preGUI`` before a submission window opens,
``preSubmission`` before a job is created, which they may change, and ``postSubmission`` after that. It lies in the job
bundle, or in the folder that the variable ``DEADLINE_HOOKS_DIR`` names. Neither kind runs unless a setting allows it and
the user has seen what would run.

=====================  ================================================================================
module                 subject
=====================  ================================================================================
:mod:`.hook_file`      what a hooks file says
:mod:`.origin`         where the scripts of a copied bundle are
:mod:`.commands`       which program a hook's command is
:mod:`.sources`        which hooks files count, and which of them are allowed
:mod:`.consent`        what the user is asked
:mod:`.metadata`       what a hook is told
:mod:`.process`        running a program: its pipes, its time limit, and its end with all that it started
:mod:`.running`        running the hooks of a phase
:mod:`.outputs`        what hooks answer
:mod:`.manager`        all of it for programs of others
=====================  ================================================================================

>>> from deadline.client.job_bundle.hooks import HookManager
>>> manager = HookManager("my-bundle", print)  # doctest: +SKIP
>>> manager.load_hooks().pre_submission  # doctest: +SKIP
(Hook(command='check.py', args=('--strict',), timeout=60, env={}),)
"""

from __future__ import annotations

from .manager import HookManager, collect_pre_gui_hook_sources, collect_submission_hook_sources
from .metadata import HookMetadata
from .origin import record_hooks_origin

__all__ = [
    "HookManager",
    "HookMetadata",
    "collect_pre_gui_hook_sources",
    "collect_submission_hook_sources",
    "record_hooks_origin",
]
