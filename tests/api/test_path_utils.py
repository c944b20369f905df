"""Summaries of path lists under the name that they had."""

from __future__ import annotations

import importlib
import sys
from typing import Iterator

import pytest

from deadline.job_attachments import api


@pytest.fixture(autouse=True)
def not_imported() -> Iterator[None]:
    sys.modules.pop("deadline.common.path_utils", None)
    yield
    sys.modules.pop("deadline.common.path_utils", None)


def test_the_former_name_leads_to_the_same_functions_and_says_where_they_are_now() -> None:
    with pytest.warns(DeprecationWarning, match=r"deadline\.job_attachments\.api") as warned:
        module = importlib.import_module("deadline.common.path_utils")

    assert len(warned) == 1
    assert sorted(module.__all__) == sorted(api.__all__)
    assert all(getattr(module, name) is getattr(api, name) for name in api.__all__)


def test_the_warning_names_the_program_that_imports_it() -> None:
    with pytest.warns(DeprecationWarning, match="path_utils") as warned:
        import deadline.common.path_utils  # noqa: F401

    assert warned[0].filename == __file__
