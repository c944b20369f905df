"""The service's model, for environments whose botocore is older than it.

boto3 makes its clients from models that botocore brings along: which operations there are, and with which members.
AWS publishes no new botocore for Python 3.8 and 3.9, and host applications bring old ones. There ``data`` serves, an
unchanged copy of botocore's folder ``data/deadline`` of the release :data:`COPIED_FROM` (Apache License 2.0). Models of
the user's own, in ``~/.aws/models`` or ``AWS_DATA_PATH``, go before it.

To renew the copy, replace the files by those of a newer botocore and name its release here; a test compares them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Tuple

import botocore

COPIED_FROM = "1.44.8"
DATA = Path(__file__).parent / "data"


def add_bundled_service_model(botocore_session: Any) -> None:
    """Let a session find the bundled model where its botocore has only an older one."""
    if _release(botocore.__version__) >= _release(COPIED_FROM):
        return
    loader = botocore_session.get_component("data_loader")
    paths = loader.search_paths
    bundled = str(DATA)
    if bundled in paths:
        return
    own = loader.BUILTIN_DATA_PATH
    paths.insert(paths.index(own) if own in paths else len(paths), bundled)


def _release(version: str) -> Tuple[int, ...]:
    """The numbers of a version: ``1.44.8`` and what may follow them."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
