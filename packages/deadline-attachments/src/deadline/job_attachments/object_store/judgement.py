"""What is made of an answer, or of the lack of one: accept it, ask again after a pause, or an error."""

from __future__ import annotations

from typing import Optional, Sequence

from . import errors, retry
from .answers import error_in
from .signing import Signer
from .wire import Answer

PRESENT = 412
"""The status by which S3 says that there is an object already."""


class Judge:
    """Judges the answers to requests for one bucket."""

    def __init__(self, bucket: str, signer: Signer) -> None:
        self._bucket = bucket
        self._signer = signer

    def pause(
        self,
        action: str,
        method: str,
        about: str,
        accepted: Sequence[int],
        attempt: int,
        answer: Optional[Answer],
        failure: Optional[Exception],
    ) -> Optional[float]:
        """``None`` for an answer with an accepted status, else the pause before attempt ``attempt + 1``; or an error."""
        if answer is None:
            assert failure is not None
            if attempt >= retry.ATTEMPTS:
                raise errors.unreachable(action, failure) from failure
            return retry.pause_before(attempt)
        if answer.status == PRESENT and PRESENT in accepted:
            return None
        code, text = error_in(answer, method)
        if answer.status in accepted:
            # 404 is an answer where the object is missing, and an error where the bucket is.
            if not code or (answer.status != 200 and code != "NoSuchBucket"):
                return None
        elif answer.status in retry.RETRIED and attempt < retry.attempts_after(answer.status):
            return retry.pause_before(attempt)
        if code in retry.RETRIED_CODES and attempt < retry.ATTEMPTS:
            return retry.pause_before(attempt)
        if attempt <= retry.RESIGNED and self._helps_to_sign_again(method, code, answer):
            return 0.0
        raise errors.refused(action, answer.status, self._bucket, about, code, text, self._signer.account_id)

    def _helps_to_sign_again(self, method: str, code: str, answer: Answer) -> bool:
        if code in errors.EXPIRED:
            return True
        # To HEAD S3 does not say what it does not like: expired credentials are 400, a wrong clock is 403.
        unsaid = method == "HEAD" and not answer.body
        if unsaid and answer.status == 400:
            return True
        if code == errors.SKEWED or (unsaid and answer.status == 403):
            return self._signer.correct_clock(answer.headers.get("date", ""))
        return False
