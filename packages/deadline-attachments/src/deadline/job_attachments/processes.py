"""Telling whether what a process left is still in use: by the machine and the process that it names."""

from __future__ import annotations

import functools
import os
import socket

from .asset_manifests.hash_algorithms import HashAlgorithm, hash_data


@functools.lru_cache(maxsize=1)
def this_host() -> str:
    """A short name of this machine."""
    return hash_data(socket.gethostname().encode(), HashAlgorithm.XXH128)[:8]


def this_process() -> str:
    """A name of this process."""
    return f"{this_host()}-{os.getpid()}"


def may_run(process: str) -> bool:
    """Whether the process of that name, but not this one, may be running."""
    host, _, number = process.partition("-")
    if not number.isdigit() or process == this_process():
        return False
    return host != this_host() or is_running(int(number))


def is_running(process_id: int) -> bool:
    """Whether a process of this machine may be running."""
    if os.name == "nt":
        # Asking for a process by signal would end it there.
        return True
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        # A name that somebody made up may carry a number that no process can have.
        return False
    except OSError:
        return True
    return True
