"""What keeps this client from working: checks of settings, credentials, network, permissions, caches and versions.

>>> from deadline.client.api import diagnose
>>> diagnosis = diagnose()  # doctest: +SKIP
>>> [check.why for check in diagnosis.checks if check.state.value == "error"]  # doctest: +SKIP
['The certificate of the server is not trusted: unable to get local issuer certificate.']

=========================  ======================================================
module                     subject
=========================  ======================================================
:mod:`.examination`        all checks in their order, and running them
:mod:`.findings`           what a check finds
:mod:`.running`            side by side, with time limits, one after what it needs
:mod:`.subject`            what the checks learn and need of each other
:mod:`.explaining`         errors as a reason and a next step
``*_checks``               the checks
=========================  ======================================================
"""

from __future__ import annotations

from .examination import TIMEOUT_SECONDS, all_checks, diagnose
from .findings import CheckResult, CheckState, Diagnosis, Finding, NothingToCheck
from .running import Check

__all__ = [
    "TIMEOUT_SECONDS",
    "Check",
    "CheckResult",
    "CheckState",
    "Diagnosis",
    "Finding",
    "NothingToCheck",
    "all_checks",
    "diagnose",
]
