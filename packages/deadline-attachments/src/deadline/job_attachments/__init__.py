"""Job attachments: the files of a job, moved between workstations, Amazon S3 and workers as content-addressed objects.

Importing this package is cheap; it loads neither boto3 nor any other part.
"""

from __future__ import annotations

from ._version import version

__all__ = ["version"]
