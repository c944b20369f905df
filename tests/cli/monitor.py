"""A program that stands in for the Deadline Cloud monitor."""

from __future__ import annotations

import sys
from pathlib import Path


class Monitor:
    """The stand-in: it does what the test says, and the credentials of its profile work once it has let the user in."""

    LET_IN = "(home / 'key').write_text('monitor-key')\n"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.program = home / "deadline-cloud-monitor"
        self.credentials = home / "credential-process"
        self.does("")
        self._write(
            self.credentials,
            "key = home / 'key'\n"
            "if not key.exists():\n"
            "    sys.exit('Log in first.')\n"
            "print(json.dumps({'Version': 1, 'AccessKeyId': key.read_text(), 'SecretAccessKey': 's'}))\n",
        )

    def does(self, body: str) -> None:
        self._write(self.program, body)

    def write_profiles(self) -> Path:
        """Write an AWS configuration with the profile ``studio``, which is the monitor's, and ``plain``, which is not."""
        config = self.home / "aws-config"
        config.write_text(
            "[profile studio]\nregion=us-west-2\nmonitor_id=monitor-1\nuser_id=01234567-89ab-cdef-0123-456789abcdef\n"
            f"identity_store_id=store-1\ncredential_process={self.credentials}\n[profile plain]\nregion=us-west-2\n",
            encoding="utf-8",
        )
        return config

    def _write(self, path: Path, body: str) -> None:
        head = f"#!{sys.executable} -IS\nimport json, os, sys, time\nfrom pathlib import Path\n"
        path.write_text(f"{head}home = Path({str(self.home)!r})\n{body}", encoding="utf-8")
        path.chmod(0o700)
