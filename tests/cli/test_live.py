"""Lines that are drawn over in place, and bars."""

from __future__ import annotations

import contextlib
from typing import Any, Sequence

import click
import pytest
from hypothesis import given, strategies as st

from deadline.client.cli.live import LiveBlock, bar, cut
from deadline.client.cli.output import display_width

from .conftest import Stream
from .terminal import screen


def drawn(*blocks: Sequence[str], after: str = "after") -> str:
    out = Stream(terminal=True)
    with contextlib.redirect_stdout(out):
        block = LiveBlock()
        for lines in blocks:
            block.show(lines)
        block.end()
        click.echo(after)
    return out.getvalue()


@pytest.fixture(autouse=True)
def size(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "5")
    return monkeypatch


@given(st.lists(st.lists(st.text("ab é", max_size=30), min_size=1, max_size=4), min_size=1, max_size=5))
def test_only_the_last_lines_are_left(blocks: list[list[str]]) -> None:
    expected = [line[:19].rstrip() for line in blocks[-1]]
    assert screen(drawn(*blocks), 20) == [*expected, "after", ""]


def test_no_more_lines_are_drawn_than_there_is_room_for() -> None:
    assert screen(drawn([str(number) for number in range(9)]), 20) == ["0", "1", "2", "3", "after", ""]


def test_a_terminal_that_becomes_narrower_is_drawn_over_wholly(size: pytest.MonkeyPatch) -> None:
    out = Stream(terminal=True)
    with contextlib.redirect_stdout(out):
        block = LiveBlock()
        block.show(["x" * 15, "y"])
        size.setenv("COLUMNS", "10")
        block.show(["new"])
    # The first line takes two rows now, so that the first of them is two above that of the second one.
    assert out.getvalue().endswith("\r\x1b[2Anew\x1b[K\x1b[J")


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_line_is_cut_to_columns_and_not_to_characters(text: str, columns: int) -> None:
    kept = cut(text, columns)
    assert text.startswith(kept)
    assert display_width(kept) <= columns
    assert kept == text or display_width(text) > columns


def test_a_styled_line_that_is_cut_ends_its_style() -> None:
    assert cut("\x1b[31mred\x1b[0m and more", 2) == "\x1b[31mre\x1b[0m"
    assert cut("\x1b[31mred\x1b[0m", 3) == "\x1b[31mred\x1b[0m"


@given(st.lists(st.integers(0, 50), max_size=3), st.integers(0, 30))
def test_a_bar_is_as_long_as_it_shall_be(parts: list[int], length: int) -> None:
    coloured = [(number, "green") for number in parts]
    plain = click.unstyle(bar(length, coloured, sum(parts) + 1))
    assert len(plain) == length
    assert plain.count("█") == length * sum(parts) // (sum(parts) + 1)
    assert click.unstyle(bar(length, coloured, sum(parts))).count("█") == (length if sum(parts) else 0)
