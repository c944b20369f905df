"""``deadline bundle``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {"submit": ("commands.bundle.submit:submit", "Submit a job bundle.")}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def bundle() -> None:
    """Submit job bundles.

    A job bundle is a folder with a job template, template.yaml or template.json, in the language of Open Job Description.
    parameter_values.yaml may give values to its parameters, and asset_references.yaml name further files.

    \b
    Example:
      deadline bundle submit my-job/
    """
