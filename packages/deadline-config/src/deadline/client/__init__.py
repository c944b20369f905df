"""The AWS Deadline Cloud client.

Several distributions put their modules below ``deadline.client``; this package belongs to *deadline-config* and finds
the others wherever they are installed.
"""

from __future__ import annotations

import pkgutil

from ._version import version

__path__ = pkgutil.extend_path(__path__, __name__)

__all__ = ["version"]
