"""Names of shared job bundles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._repository import sanitize_bundle_name
from deadline.client.job_bundle.repository.names import MAXIMUM_KEY_LENGTH, archive_key, folder_name

any_name = st.text() | st.text(alphabet='ab_. /\\:*?"<>|\x00\n\x1b')


@pytest.mark.parametrize(
    ("name", "posix", "windows"),
    [
        ("Turntable", "Turntable", "Turntable"),
        ("a/b//c", "a_b_c", "a_b_c"),
        ("Shot 7 (final).v2", "Shot 7 (final).v2", "Shot 7 (final).v2"),
        ("M\u00fcll \u65e5\u672c", "M\u00fcll \u65e5\u672c", "M\u00fcll \u65e5\u672c"),
        ('a:*?"<>|b', 'a:*?"<>|b', "a_b"),
        ("a\\b", "a\\b", "a_b"),
        ("a\x1b[31m\nb", "a_[31m_b", "a_[31m_b"),
        ("half \udcff a character", "half _ a character", "half _ a character"),
        ("con.txt", "con.txt", "_con.txt"),
        ("ends. .", "ends. .", "ends"),
        ("a..b", "a..b", "a..b"),
    ],
)
def test_what_no_file_may_be_called_is_replaced(name: str, posix: str, windows: str) -> None:
    assert sanitize_bundle_name(name, windows=False) == posix
    assert sanitize_bundle_name(name, windows=True) == windows


@pytest.mark.parametrize("name", ["", ".", "..", "...", "_", "///", "../x", "a/../b", "a\\..\\b", " ", "\n"])
@pytest.mark.parametrize("windows", [False, True])
def test_names_that_are_none_are_refused(name: str, windows: bool) -> None:
    with pytest.raises(ValueError, match="cannot be called") as raised:
        sanitize_bundle_name(name, windows=windows)
    assert isinstance(raised.value, DeadlineOperationError)


@given(any_name, st.booleans())
def test_a_name_that_was_made_safe_is_one_part_of_a_path_and_stays_as_it_is(name: str, windows: bool) -> None:
    try:
        safe = sanitize_bundle_name(name, windows=windows)
    except ValueError:
        return
    assert not re.search(r"[/\x00-\x1f\x7f-\x9f]", safe)
    assert safe not in (".", "..")
    assert sanitize_bundle_name(safe, windows=windows) == safe
    if windows:
        assert not re.search(r'[\\:*?"<>|]|[. ]$', safe)


@given(any_name)
def test_the_name_of_a_folder_fits_into_file_systems(name: str) -> None:
    try:
        folder = folder_name(name)
    except ValueError:
        return
    assert 0 < len(folder.encode("utf-8")) <= 200


def test_a_key_that_is_too_long_is_refused_by_its_bytes() -> None:
    prefix = "root/job-bundles/"
    longest = MAXIMUM_KEY_LENGTH - len(prefix) - len(".ojd")

    assert archive_key(prefix, "x" * longest) == f"{prefix}{'x' * longest}.ojd"
    with pytest.raises(DeadlineOperationError, match="1 bytes too long"):
        archive_key(prefix, "x" * (longest + 1))
    with pytest.raises(DeadlineOperationError, match="too long"):
        archive_key(prefix, "\u00fc" * (longest - 1))
