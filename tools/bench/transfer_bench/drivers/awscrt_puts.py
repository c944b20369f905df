"""Puts the files below a folder with awscrt's S3 client: ``PYTHON awscrt_puts.py put OPTIONS``."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, List
from urllib.parse import urlsplit

from awscrt.auth import AwsCredentialsProvider  # type: ignore[import-not-found, unused-ignore]
from awscrt.http import HttpHeaders, HttpRequest  # type: ignore[import-not-found, unused-ignore]
from awscrt.io import ClientBootstrap, ClientTlsContext, DefaultHostResolver, EventLoopGroup, TlsContextOptions  # type: ignore[import-not-found, unused-ignore]
from awscrt.s3 import S3Client, S3RequestTlsMode, S3RequestType  # type: ignore[import-not-found, unused-ignore]

IN_FLIGHT = 64


def client_for(scheme: str) -> Any:
    group = EventLoopGroup()
    bootstrap = ClientBootstrap(group, DefaultHostResolver(group))
    arguments: Dict[str, Any] = {"tls_mode": S3RequestTlsMode.DISABLED}
    if scheme == "https":
        options = TlsContextOptions()
        options.override_default_trust_store_from_path(None, os.environ["AWS_CA_BUNDLE"])
        connection = ClientTlsContext(options).new_connection_options()
        arguments = {"tls_mode": S3RequestTlsMode.ENABLED, "tls_connection_options": connection}
    return S3Client(
        bootstrap=bootstrap,
        region=os.environ["AWS_REGION"],
        credential_provider=AwsCredentialsProvider.new_environment(),
        **arguments,
    )


def main(options: Dict[str, Any]) -> None:
    url = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    files = [os.path.join(folder, name) for folder, _, names in os.walk(options["root"]) for name in names]
    slots = threading.BoundedSemaphore(IN_FLIGHT)
    failures: List[BaseException] = []

    def done(error: Any = None, **_: Any) -> None:
        if error is not None:
            failures.append(error)
        slots.release()

    wall, cpu = time.perf_counter(), time.process_time()
    client = client_for(url.scheme)
    for path in files:
        slots.acquire()
        body = Path(path).read_bytes()
        headers = HttpHeaders(
            [("host", url.netloc), ("content-length", str(len(body))), ("content-type", "application/octet-stream")]
        )
        target = f"/{options['bucket']}/{options['prefix']}/{os.path.basename(path)}"
        client.make_request(
            type=S3RequestType.PUT_OBJECT,
            request=HttpRequest("PUT", target, headers, BytesIO(body)),
            on_done=done,
        )
    for _ in range(IN_FLIGHT):
        slots.acquire()
    if failures:
        raise SystemExit(f"{len(failures)} of {len(files)} requests failed, the first with {failures[0]}")
    print(json.dumps({"inner_wall": time.perf_counter() - wall, "inner_cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(json.loads(sys.argv[2]))
