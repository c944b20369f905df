"""Options that choose files of a folder."""

from __future__ import annotations

import click

from ...options import where

pattern_options = where(
    click.option(
        *("-i", "--include"),
        metavar="PATTERN",
        multiple=True,
        help="Files to take, by paths relative to the root, such as 'renders/**/*.exr'. May be given several times. "
        "Default: all files.",
    ),
    click.option(
        *("-e", "--exclude"),
        metavar="PATTERN",
        multiple=True,
        help="Files to leave out. May be given several times.",
    ),
    click.option(
        *("-ie", "--include-exclude-config"),
        metavar="JSON",
        help='The same as JSON text or as a JSON file: {"include": [...], "exclude": [...]}. It counts where neither '
        "--include nor --exclude is given.",
    ),
)
