"""What is found about a submission before anything is uploaded: errors that end it, and warnings for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.exceptions import MisconfiguredInputsError

ERROR = "error"
WARNING = "warning"
SHOWN_AT_MOST = 10
"""Paths that are listed of one kind of finding; a job may have thousands of them."""


@dataclass(frozen=True)
class Finding:
    """Something about a file, or about a field of the request, that the user should know."""

    severity: str
    """``error``: the job cannot be submitted so. ``warning``: it can, but may not do what its user expects."""
    message: str
    """What is wrong, worded for any number of paths or fields."""
    advice: str
    """What to do about it."""
    path: Optional[str] = None
    field: Optional[str] = None
    """The field of CreateJob, such as ``template`` or ``parameters.Frames``, where it is not about a path."""
    detail: str = ""
    """What is special about this path or field: the reason, a number, where a link leads."""

    @property
    def subject(self) -> str:
        """The path or the field."""
        return self.path or self.field or ""

    def __str__(self) -> str:
        return describe([self])[0]


def describe(findings: Iterable[Finding]) -> List[str]:
    """Texts for people: one for each kind of finding, with the first few of its paths or fields."""
    kinds: Dict[Tuple[str, str, str], List[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.severity, finding.message, finding.advice), []).append(finding)
    return [_text(*kind, members) for kind, members in kinds.items()]


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise an error that lists all findings that are errors, unless there is none.

    Raises:
        MisconfiguredInputsError: Input files are among them.
        DeadlineOperationError: They are about the request alone.
    """
    errors = [finding for finding in findings if finding.severity == ERROR]
    if not errors:
        return
    text = "\n".join(["The job cannot be submitted; nothing was uploaded.", *describe(errors)])
    if any(finding.path for finding in errors):
        raise MisconfiguredInputsError(text)
    raise DeadlineOperationError(text)


def _text(severity: str, message: str, advice: str, members: Sequence[Finding]) -> str:
    lines = [f"{severity.capitalize()}: {message}:"]
    lines += [f"    {_subject(finding)}" for finding in members[:SHOWN_AT_MOST]]
    if len(members) > SHOWN_AT_MOST:
        lines.append(f"    ... and {len(members) - SHOWN_AT_MOST} more")
    return "\n".join([*lines, f"  {advice}"])


def _subject(finding: Finding) -> str:
    text = f"{finding.subject}: {finding.detail}" if finding.detail else finding.subject
    # Names of files need not be text that can be printed.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
