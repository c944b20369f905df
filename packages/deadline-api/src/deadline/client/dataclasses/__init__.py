"""Values that integrations give to the windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional


@dataclass
class SubmitterInfo:
    """Who submits: shown to people, and told to the service as part of the user agent."""

    submitter_name: str
    """Such as ``Maya``."""
    submitter_package_name: Optional[str] = None
    """The Python distribution of the submitter."""
    submitter_package_version: Optional[str] = None
    host_application_name: Optional[str] = None
    """The program within which it runs."""
    host_application_version: Optional[str] = None
    additional_info: Optional[Dict[str, Any]] = None
    """What else is worth showing: nested plain values that YAML can hold."""
