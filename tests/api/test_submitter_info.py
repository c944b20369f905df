from __future__ import annotations

import dataclasses

from deadline.client.dataclasses import SubmitterInfo


def test_only_the_submitters_name_is_needed() -> None:
    info = SubmitterInfo("Maya")
    assert dataclasses.asdict(info) == {
        "submitter_name": "Maya",
        "submitter_package_name": None,
        "submitter_package_version": None,
        "host_application_name": None,
        "host_application_version": None,
        "additional_info": None,
    }
    assert info == SubmitterInfo(submitter_name="Maya")
