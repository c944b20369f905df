"""The AWS services beside AWS Deadline Cloud: S3, STS, CloudWatch Logs and IAM, answered by moto in this process."""

from __future__ import annotations

import logging
import re
import time
from typing import Any, Callable, Iterable, Mapping

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_farm.runner.aws import FarmSession
from local_farm.settings import REGION

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SCOPE = re.compile(r"Credential=[^/,]+/\d{8}/[^/]+/([^/]+)/aws4_request")


def moto_application() -> WsgiApp:
    """moto's server as a WSGI application; it keeps everything in the memory of this process."""
    # moto is slow to import, and a farm with workers begins faster when its protocol does not wait for it.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    logging.getLogger("moto").setLevel(logging.ERROR)
    application: WsgiApp = DomainDispatcherApplication(create_backend_app)
    return application


def service_of(authorization: str, query: str) -> str | None:
    """The service that a signed request is meant for, from the scope of its credential; ``None`` for an unsigned one."""
    match = _SCOPE.search(authorization) or _SCOPE.search(
        query.replace("%2F", "/").replace("X-Amz-Credential", "Credential")
    )
    return match.group(1) if match else None


def ensure_bucket(environment: Mapping[str, str], bucket: str, *, timeout: float = 10) -> None:
    """Make the bucket for job attachments where it does not exist; waits for an S3 server that is still starting.

    Raises the error of botocore when it cannot be made within ``timeout`` seconds.
    """
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
    client = FarmSession(environment).client("s3", config=config)
    give_up_at = time.monotonic() + timeout
    try:
        while True:
            try:
                client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
                return
            except (BotoCoreError, ClientError) as error:
                code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
                if code in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    return
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.2)
    finally:
        client.close()


def put_into_moto(bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
    """Store an object in the S3 of this process without a request: thousands of them in a second."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(bucket, key, body, disable_notification=True)
    stored.set_metadata({f"x-amz-meta-{name}": value for name, value in metadata.items()})
