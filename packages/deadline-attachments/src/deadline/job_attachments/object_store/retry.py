"""Which requests are tried again, and when."""

from __future__ import annotations

import random
from typing import Callable, Optional

ATTEMPTS = 6
THROTTLED = frozenset({429, 503})
"""HTTP statuses that ask for fewer requests."""
ATTEMPTS_WHEN_THROTTLED = 12
"""About half a minute. While S3 spreads a bucket over more machines it refuses a share of all requests; six attempts would
end one upload of ten thousand objects in two when it refuses every fifth."""
RESIGNED = 2
"""The attempts after which a request may be signed anew, by another clock or with other credentials."""
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses after which the same request may succeed."""
CONFLICT = "ConditionalRequestConflict"
"""Another request changed the key while a conditional one was made: whether there is an object now, S3 does not say."""
RETRIED_CODES = frozenset({"RequestTimeout", "SlowDown", "InternalError", CONFLICT})


def attempts_after(status: int) -> int:
    """How many attempts a request has that was answered by ``status``."""
    return ATTEMPTS_WHEN_THROTTLED if status in THROTTLED else ATTEMPTS


def pause_before(attempt: int) -> float:
    """Seconds before attempt ``attempt + 1``: up to 0.1, doubling to 10, by chance, so that clients spread."""
    return random.uniform(0, min(10.0, 0.1 * 2**attempt))


def back_off(attempt: int, wait: Callable[[float], Optional[bool]]) -> None:
    """Pause before attempt ``attempt + 1``."""
    wait(pause_before(attempt))
