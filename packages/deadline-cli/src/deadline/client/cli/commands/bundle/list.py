"""``deadline bundle list``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

import click

from ...options import configuration, output_option, queue_options
from ...output import print_json, wants_json
from .queue_bundles import queue_bundles, shown

if TYPE_CHECKING:
    from deadline.client.job_bundle.repository.entries import BrowseEntry


@click.command("list")
@click.argument("path", required=False)
@click.option("--queue", "of_queue", is_flag=True, help="List the bundles that the users of the queue share.")
@click.option("--show-hidden", is_flag=True, help="With --queue: list those too that you have hidden.")
@click.option("--no-archives", is_flag=True, help="Without --queue: list folders only, no .ojd files.")
@queue_options
@output_option
def list_(
    path: Optional[str],
    of_queue: bool,
    show_hidden: bool,
    no_archives: bool,
    output: Optional[str],
    **options: Any,
) -> None:
    """List the job bundles in the folder PATH, or those that the users of a queue share.

    Without PATH it is the folder of the setting settings.job_bundle_default_directory, else your home folder.

    \b
    Examples:
      deadline bundle list
      deadline bundle list ~/projects
      deadline bundle list --queue --output json
    """
    if of_queue and path:
        raise click.UsageError("Name a folder or give --queue, not both.")
    if of_queue:
        where, items = _of_queue(show_hidden, options)
    else:
        where, items = _of_folder(path, not no_archives, options)
    if wants_json(output):
        print_json(items, indent=2)
        return
    for item in items:
        click.echo(f"{shown(item['name'])} (hidden)" if item.get("hidden") else shown(item["name"]))
    if not items:
        click.echo(f"There are no job bundles in {where}.")


def _of_queue(show_hidden: bool, options: Dict[str, Any]) -> tuple[str, List[Dict[str, Any]]]:
    with queue_bundles("list the job bundles", **options) as repository:
        entries = repository.list_entries()
    hidden = repository.get_hidden_set()
    paths = {entry.path for entry in entries if repository.visibility_key(entry.path) in hidden}
    items = [
        {**item, "hidden": True} if item["path"] in paths else item
        for item in _items(entries)
        if show_hidden or item["path"] not in paths
    ]
    return repository.root_path(), items


def _of_folder(path: Optional[str], archives: bool, options: Dict[str, Any]) -> tuple[str, List[Dict[str, Any]]]:
    from deadline.client.job_bundle.repository.local_repository import LocalBundleRepository, default_bundle_folder

    config = configuration(**options)
    folder = path or default_bundle_folder(config)
    if not os.path.isdir(folder):
        click.echo(f"{shown(folder)} is no folder.", err=True)
    repository = LocalBundleRepository(folder, include_archives=archives)
    return repository.root_path(), _items(repository.list_entries())


def _items(entries: Sequence[BrowseEntry]) -> List[Dict[str, Any]]:
    return [
        {"name": entry.name, "path": entry.path, "format": "archive" if entry.is_archive else "folder"}
        for entry in entries
        if entry.is_bundle
    ]
