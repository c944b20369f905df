"""Requests to the web that no AWS client makes, by the same proxy and certificates (see :mod:`.transport`).

For what may fail without harm: one attempt, a limit of time for each step of it, and a limit of size for the answer.
"""

from __future__ import annotations

import functools
import os
import ssl
import urllib.error
import urllib.request
from configparser import ConfigParser
from typing import Any, Dict, List

from .transport import transport_settings


def request(
    url: str,
    *,
    body: bytes | None = None,
    headers: Dict[str, str] | None = None,
    timeout: float,
    maximum_size: int,
    config: ConfigParser | None = None,
) -> bytes:
    """The answer to a GET of ``url`` or, where there is a ``body``, to a POST of it.

    Args:
        url: An ``https`` or ``http`` URL.
        body: What to send.
        headers: Further headers.
        timeout: The seconds that connecting, or waiting for more of the answer, may take.
        maximum_size: The bytes of the answer to read.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: The setting of the proxy is no use.
        OSError: There was no answer in time, or one that is an error (:class:`urllib.error.HTTPError`), or the
            certificates cannot be read.
        http.client.HTTPException: The answer is no HTTP.
        ValueError: The URL is none.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is no URL of the web.")
    settings = transport_settings(config)
    handlers: List[Any] = []
    if url.startswith("https://"):
        bundle = settings.ca_bundle or os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
        handlers.append(urllib.request.HTTPSHandler(context=_tls(bundle or None)))
    if settings.https_proxy:
        handlers.append(urllib.request.ProxyHandler({"http": settings.https_proxy, "https": settings.https_proxy}))
    opener = urllib.request.build_opener(*handlers)
    message = urllib.request.Request(url, data=body, headers=headers or {})  # noqa: S310 (checked above)
    try:
        with opener.open(message, timeout=timeout) as answer:
            return bytes(answer.read(maximum_size))
    except urllib.error.HTTPError as error:
        error.close()  # it is an open answer too
        raise


@functools.lru_cache(maxsize=4)  # reading all certificates takes longer than most requests
def _tls(bundle: str | None) -> ssl.SSLContext:
    """What to trust: the certificates of a bundle and no others, or else those of the system and of AWS."""
    context = ssl.create_default_context(cafile=bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if bundle is None:
        import botocore

        context.load_verify_locations(os.path.join(os.path.dirname(botocore.__file__), "cacert.pem"))
    return context
