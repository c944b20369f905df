"""Checking a job template by Open Job Description's own library, before anything is uploaded for it."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, List

from deadline.client.exceptions import DeadlineOperationError

_HEAD = 20
"""Lines of a report that are shown; one mistake can lead to hundreds."""


def check_template(template: Dict[str, Any], where: str, warn: Callable[[str], None]) -> None:
    """Check a job template.

    Args:
        template: The template as an object.
        where: The template's file, for messages.
        warn: Gets a remark where the template could not be checked; the service checks it all the same.

    Raises:
        DeadlineOperationError: The template is not valid.
    """
    if sys.version_info < (3, 9):
        warn("The template is checked by the service only: checking it here needs Python 3.9 or newer.")
        return
    from openjd.model import DecodeValidationError, decode_job_template

    wanted = template.get("extensions")
    known = _known_extensions()
    unknown: List[str] = [name for name in wanted if name not in known] if isinstance(wanted, list) else []
    if unknown:
        warn(
            f"The template uses {', '.join(map(str, unknown))}, which this client does not know; it is checked by the "
            "service only."
        )
        return
    try:
        decode_job_template(template=template, supported_extensions=known)
    except (DecodeValidationError, NotImplementedError) as error:
        lines = str(error).splitlines()
        more = [f"... and {len(lines) - _HEAD} more lines"] if len(lines) > _HEAD else []
        text = "\n".join([*lines[:_HEAD], *more])
        raise DeadlineOperationError(f"{where} is not a valid job template: {text}") from error


def _known_extensions() -> List[str]:
    from openjd.model.v2023_09 import ExtensionName

    return [str(extension.value) for extension in ExtensionName]
