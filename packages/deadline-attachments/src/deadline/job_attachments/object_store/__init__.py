"""The port to S3: what the transfer engine needs of an object store, in one small protocol.

>>> with open_store(session, "my-bucket") as store:  # doctest: +SKIP
...     store.put("key", b"content", if_absent=True)

One store object stands for one bucket and is safe to use from any number of threads. Bodies are bytes in memory; large
objects go up in parts and come down in ranges, so that nobody holds more than a part. Errors are
:class:`~deadline.job_attachments.exceptions.JobAttachmentsS3ClientError` (S3 said no, with what to do about it) and
:class:`~deadline.job_attachments.exceptions.JobAttachmentS3BotoCoreError` (S3 could not be asked); a request that may
succeed at a second try has been retried before either is raised.

Implementations, all of which pass one conformance suite: :mod:`.http_store`, lean and the default;
:mod:`.boto3_store`, the reference that works with every configuration; :mod:`.memory_store`, for tests.
"""

from __future__ import annotations

from .factory import open_store
from .port import ObjectInfo, ObjectStore

__all__ = ["ObjectInfo", "ObjectStore", "open_store"]
