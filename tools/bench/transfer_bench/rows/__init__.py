"""The rows: each a function that yields its cases, and sets up what they need around them.

A row is a generator. What it opens (a bucket with objects, say) stays open while the case that it yields is measured.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterator

from ..model import Case
from ..workbench import Workbench
from .cancelling import cancel
from .downloads import download
from .hashing import hash_large, snapshot
from .manifests import manifest
from .request_counts import requests
from .startup import startup
from .stores import stores
from .syncing import sync_output
from .uploads import upload

Row = Callable[[Workbench], Iterator[Case]]

ROWS: dict[str, tuple[str, Row]] = {
    "hash-H": ("hash 100,000 small files into a manifest", snapshot),
    "hash-L": ("hash one file of 2 GiB", partial(hash_large, name="L")),
    "hash-M": ("hash 200 files of 8 MiB", partial(hash_large, name="M")),
    "upload-S": ("upload 10,000 files of 8 KiB", partial(upload, name="S")),
    "upload-L": ("upload one file of 2 GiB", partial(upload, name="L")),
    "upload-M": ("upload 200 files of 8 MiB", partial(upload, name="M")),
    "download-S": ("download 10,000 files of 8 KiB", partial(download, name="S")),
    "download-L": ("download one file of 2 GiB", partial(download, name="L")),
    "download-M": ("download 200 files of 8 MiB", partial(download, name="M")),
    "manifest": ("decode and encode a manifest of 1,000,000 files", manifest),
    "requests": ("count the requests to S3 for each file", requests),
    "cancel": ("stop an upload of 10,000 files", cancel),
    "startup": ("import job attachments; show version, help and a setting by the command line", startup),
    "sync-output": ("download what 2,000 finished jobs wrote; look again when nothing is new", sync_output),
    "stores": ("put 10,000 objects by each object store of the engine", stores),
}
"""Rows by name, each with what it is about. Peak memory comes of all of them."""
