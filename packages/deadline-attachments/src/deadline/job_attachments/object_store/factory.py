"""Which object store serves a boto3 session and a bucket."""

from __future__ import annotations

import logging
import os
import ssl
from typing import Any, Optional
from urllib.parse import unquote, urlsplit

from .._aws.aws_clients import get_account_id, get_s3_client
from .boto3_store import Boto3ObjectStore
from .endpoint import Endpoint
from .http_store import HttpObjectStore
from .port import ObjectStore
from .signing import Signer

logger = logging.getLogger("deadline.job_attachments")


def open_store(session: Any, bucket: str, *, s3_max_pool_connections: int = 50) -> ObjectStore:
    """The store of ``bucket`` with the credentials and settings of a boto3 ``session``; close it when done.

    Over HTTP where that serves the session's settings, else (a proxy, a bucket named by an ARN, no credentials at all)
    through boto3. ``s3_max_pool_connections`` bounds the connections.
    """
    client = get_s3_client(session, s3_max_pool_connections)
    account_id = get_account_id(session)
    store = _http_store(session, client, bucket, account_id, s3_max_pool_connections)
    return store if store is not None else Boto3ObjectStore(client, bucket, account_id=account_id)


def _http_store(
    session: Any, client: Any, bucket: str, account_id: Optional[str], limit: int
) -> Optional[HttpObjectStore]:
    credentials = session.get_credentials()
    if credentials is None or ":" in bucket or bucket.endswith("--x-s3"):
        return None
    # boto3 knows how the bucket is addressed: as part of the host, or of the path, on whatever endpoint is set.
    url = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}))
    if not url.hostname or _proxy_for(url.geturl(), client):
        return None
    tls = _tls_context(session) if url.scheme == "https" else None
    signer = Signer(
        host=url.netloc,
        path_prefix=unquote(url.path)[: -len("key")],
        region=client.meta.region_name,
        credentials=credentials.get_frozen_credentials,
        user_agent=client.meta.config.user_agent,
        account_id=account_id,
    )
    endpoint = Endpoint(url.hostname, url.port or (443 if tls else 80), tls)
    return HttpObjectStore(endpoint, bucket, signer, limit=limit)


def _proxy_for(url: str, client: Any) -> bool:
    from botocore.utils import get_environ_proxies

    return bool(client.meta.config.proxies or get_environ_proxies(url))


def _tls_context(session: Any) -> ssl.SSLContext:
    """Trusts what the session's ``ca_bundle`` names, else ``AWS_CA_BUNDLE``, else what botocore trusts."""
    bundle = session._session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    if not bundle:
        from botocore.httpsession import where

        bundle = where()
    context = ssl.create_default_context()
    if os.path.isdir(bundle):
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)
    return context
