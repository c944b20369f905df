"""A door: the frame for submitters, :mod:`.submitter`."""

from __future__ import annotations

from .submitter import (
    BaseSubmitter as BaseSubmitter,
    BaseSubmitterSettings as BaseSubmitterSettings,
    SubmissionContext as SubmissionContext,
    get_queue_parameters as get_queue_parameters,
)
