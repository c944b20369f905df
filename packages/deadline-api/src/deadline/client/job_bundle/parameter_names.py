"""Names of job parameters: what somebody may have meant by one that there is not."""

from __future__ import annotations

import difflib
from typing import Iterable

_SHOWN_AT_MOST = 20


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with the names that are closest to ``name``, or where none is close, with what there is."""
    names = list(known)
    # People are as likely to be wrong about capitals as about letters.
    by_folded = {other.casefold(): other for other in reversed(names)}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=3)
    if close:
        return f"Did you mean {' or '.join(by_folded[folded] for folded in close)}?"
    more = ", ..." if len(names) > _SHOWN_AT_MOST else ""
    return f"There are: {', '.join(names[:_SHOWN_AT_MOST]) or 'none'}{more}."
