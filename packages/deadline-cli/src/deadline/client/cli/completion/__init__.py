"""Completing commands, options and their values with the Tab key.

===================  ===============================================================================
module               subject
===================  ===============================================================================
:mod:`.shell`        the scripts for shells, and answering what a shell asks
:mod:`.values`       what options and arguments offer
:mod:`.lookup`       resources of the service, within a limit of time
:mod:`.recent`       what was found a moment ago
===================  ===============================================================================

Whoever presses Tab wants an answer at once and no messages: whatever goes wrong, nothing is offered.
"""

from __future__ import annotations

PROGRAM = "deadline"
VARIABLE = "_DEADLINE_COMPLETE"
"""By this variable of the environment a shell says that the program is to complete words, and for which shell."""
