"""The heads of signed requests, as they go over the wire."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Mapping, Optional

from . import errors
from .sigv4 import quoted_path, quoted_query, signed_headers

LATELY = 60
"""Seconds for which a request may have been under way since it was signed by the clock as it was then."""


class Signer:
    """Makes and signs the heads of requests to one bucket; for the moment in which it is asked."""

    def __init__(
        self,
        *,
        host: str,
        path_prefix: str,
        region: str,
        credentials: Callable[[], Any],
        user_agent: str,
        account_id: Optional[str] = None,
    ) -> None:
        """
        Args:
            host: The ``Host`` header, which may carry the bucket's name.
            path_prefix: What stands before the key, ``/`` or ``/bucket/``.
            region: The bucket's region.
            credentials: Gives frozen credentials (``access_key``, ``secret_key``, ``token``) at each call.
            user_agent: The ``User-Agent`` header.
            account_id: The account that must own the bucket, where it is known.
        """
        self.account_id = account_id
        self._path_prefix = path_prefix
        self._region = region
        self._credentials = credentials
        self._signed: Dict[str, str] = {"host": host}
        if account_id:
            self._signed["x-amz-expected-bucket-owner"] = account_id
        self._plain = f"User-Agent: {user_agent}\r\n"
        self._skew = timedelta(0)
        self._corrected_at = float("-inf")

    def head(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] = {},
        headers: Mapping[str, str] = {},
        length: Optional[int] = None,
    ) -> bytes:
        """The head of a request, with the empty line that ends it; ``length`` is that of its body, if it has one.

        Raises :class:`~deadline.job_attachments.exceptions.JobAttachmentS3BotoCoreError` when there are no credentials
        to sign it with, because they could not be refreshed.
        """
        path, arguments = quoted_path(self._path_prefix + key), quoted_query(query)
        credentials = self._fresh_credentials()
        signed = signed_headers(
            method,
            path,
            arguments,
            {**self._signed, **headers} if headers else self._signed,
            region=self._region,
            access_key=credentials.access_key,
            secret_key=credentials.secret_key,
            token=credentials.token,
            now=self._now(),
        )
        target = f"{path}?{arguments}" if arguments else path
        lines = "".join([f"{name}: {value}\r\n" for name, value in signed.items()])
        body = "" if length is None else f"Content-Length: {length}\r\n"
        return f"{method} {target} HTTP/1.1\r\n{lines}{self._plain}{body}\r\n".encode()

    def correct_clock(self, date: str) -> bool:
        """Sign by the server's clock from now on, of which ``date`` is a ``Date`` header; whether that makes a difference
        to a request that was signed a moment ago.

        A workstation whose clock is wrong by more than 15 minutes is refused by S3 otherwise.
        """
        try:
            theirs = parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return False
        if theirs.tzinfo is None:
            theirs = theirs.replace(tzinfo=timezone.utc)
        skew = theirs - datetime.now(timezone.utc)
        if abs(skew - self._skew) > timedelta(minutes=1):
            self._skew = skew
            self._corrected_at = time.monotonic()
        # The answer may be to one of many requests that were under way when the first of them was answered.
        return time.monotonic() - self._corrected_at < LATELY

    def _fresh_credentials(self) -> Any:
        try:
            return self._credentials()
        except Exception as error:  # whatever it is: providers of credentials ask processes, files and services
            raise errors.unreachable("signing a request", error) from error

    def _now(self) -> datetime:
        return datetime.now(timezone.utc) + self._skew
