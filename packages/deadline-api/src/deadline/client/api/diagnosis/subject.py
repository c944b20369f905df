"""What is examined: the settings, and what the checks learn on their way and need of each other.

A check writes a fact, and those read it that need that check. So no two threads ever touch the same one at a time.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, List, Optional

from botocore.config import Config

from deadline.client.auth.session import get_session_client

from .findings import NothingToCheck


class Subject:
    """The facts of one diagnosis.

    Args:
        config: The settings.
        timeout: The seconds that a check may take.
        settings_error: Why the settings file cannot be understood, where that is so.
    """

    def __init__(self, config: ConfigParser, timeout: float, settings_error: Optional[Exception] = None) -> None:
        self.config = config
        self.settings_error = settings_error
        self.session: Any = None
        """Of the profile, and made for this diagnosis: earlier failures are not remembered."""
        self.anonymous_session: Any = None
        """The same with credentials that nobody has, for calls that need none."""
        self.region: Optional[str] = None
        self.farm_config = config
        """The settings with the farm and the queue that are taken where none is set."""
        self.farm_region: Optional[str] = None
        self.farm_id = ""
        self.queue: Dict[str, Any] = {}
        """The answer of GetQueue."""
        self.role_session: Any = None
        """With the role of the queue's users."""
        self.object_key: Optional[str] = None
        """An object below the root prefix of the bucket, where there is one."""
        self.clock_skews: List[float] = []
        """How many seconds this machine's clock is ahead of each server that answered."""
        # The limit of a check counts for all of its calls; what a call may take is a part of that.
        limits: Dict[str, Any] = {"connect_timeout": max(timeout / 2, 0.1), "read_timeout": max(timeout / 2, 0.1)}
        self.client_config = Config(**limits, retries={"total_max_attempts": 2})
        self.impatient = Config(**limits, retries={"total_max_attempts": 1})

    def client(self, service: str) -> Any:
        """A client with the credentials of the profile."""
        return get_session_client(self.session, service, self.region, self.client_config)

    def anonymous_client(self, service: str) -> Any:
        """A client without credentials that count."""
        return get_session_client(self.anonymous_session, service, self.region, self.impatient)

    def farm_client(self) -> Any:
        """A client of AWS Deadline Cloud in the region of the farm."""
        return get_session_client(self.session, "deadline", self.farm_region, self.client_config)

    def role_client(self, service: str) -> Any:
        """A client with the role of the queue's users."""
        return get_session_client(self.role_session, service, client_config=self.client_config)

    @property
    def queue_id(self) -> str:
        """The queue that is examined."""
        return str(self.queue["queueId"])

    @property
    def attachments(self) -> Any:
        """The settings of the queue's job attachments.

        Raises:
            NothingToCheck: It has none.
        """
        from deadline.job_attachments.models import JobAttachmentS3Settings

        if not self.queue.get("jobAttachmentSettings"):
            raise NothingToCheck("The queue has no job attachments.")
        return JobAttachmentS3Settings(**self.queue["jobAttachmentSettings"])
