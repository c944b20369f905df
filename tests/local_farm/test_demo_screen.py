"""What the demo draws: in place on a terminal, as lines in a pipe, within the width that there is."""

from __future__ import annotations

import io
import re

import pytest

from local_farm.demo.job_progress import StepProgress, bars, one_line
from local_farm.demo.screen import Screen, clipped

STEPS = [
    StepProgress("Render", total=24, done=12, running=2, failed=0, waiting=False),
    StepProgress("Assemble", total=3, done=0, running=0, failed=0, waiting=True),
]


class Stream(io.StringIO):
    """A stream with an encoding."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


@pytest.fixture(autouse=True)
def coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_lines_are_redrawn_in_the_place_of_those_before_them() -> None:
    stream = Stream()
    screen = Screen(stream, live=True, width=lambda: 80)

    screen.draw(["one", "two"], "")
    screen.draw(["three"], "")
    screen.say("done")

    assert uncoloured(stream.getvalue()) == ("    one\n    two\n\x1b[2F\x1b[J    three\n\x1b[1F\x1b[J    done\n")


def test_lines_that_are_kept_are_not_drawn_over() -> None:
    stream = Stream()
    screen = Screen(stream, live=True, width=lambda: 80)

    screen.draw(["one"], "")
    screen.keep()
    screen.say("two")

    assert stream.getvalue() == "    one\n    two\n"


def test_a_pipe_gets_plain_lines_and_none_twice() -> None:
    stream = Stream()
    screen = Screen(stream)

    for plain in ("half", "half", "all"):
        screen.draw(["a bar"], plain)
    screen.say("done", fg="green")

    assert stream.getvalue() == "    half\n    all\n    done\n"


def test_no_color_turns_colours_off_but_not_the_redrawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Stream()
    screen = Screen(stream, live=True, width=lambda: 80)

    screen.draw(bars(STEPS, screen), "")
    screen.draw(["again"], "")

    assert "\x1b[2F" in stream.getvalue()
    assert uncoloured(stream.getvalue()) == stream.getvalue()


@pytest.mark.parametrize("columns", [200, 80, 45, 30, 12])
def test_no_drawn_line_is_wider_than_the_terminal(columns: int) -> None:
    stream = Stream()
    screen = Screen(stream, live=True, width=lambda: columns)

    screen.draw(bars(STEPS, screen), "")

    assert max(map(len, uncoloured(stream.getvalue()).splitlines())) < columns


def test_a_bar_has_its_share_for_tasks_that_are_done_and_that_run() -> None:
    screen = Screen(Stream(), live=True, width=lambda: 200)

    render, assemble = map(uncoloured, bars(STEPS, screen))

    assert render == f"Render    {'█' * 20}{'▓' * 3}{'░' * 17}  12/24  2 running"
    assert assemble == f"Assemble  {'░' * 40}    0/3  waits"


def test_a_narrow_terminal_gets_the_numbers_without_bars() -> None:
    screen = Screen(Stream(), live=True, width=lambda: 38)

    assert [uncoloured(line) for line in bars(STEPS, screen)] == [
        "Render    12/24  2 running",
        "Assemble    0/3  waits",
    ]


def test_a_terminal_that_has_no_blocks_gets_plain_characters() -> None:
    screen = Screen(Stream("ascii"), live=True, width=lambda: 200)

    assert uncoloured(bars(STEPS, screen)[0]) == f"Render    {'#' * 20}{'+' * 3}{'.' * 17}  12/24  2 running"


def test_failed_tasks_are_counted() -> None:
    counts = {"SUCCEEDED": 1, "FAILED": 2, "CANCELED": 1, "RUNNING": 1, "READY": 0}

    step = StepProgress.of({"name": "Render", "taskRunStatusCounts": counts})

    assert one_line([step]) == "Render 1/5 (3 failed)"


def test_long_sentences_are_broken_between_words_and_commands_never() -> None:
    stream = Stream()
    screen = Screen(stream, live=True, width=lambda: 31)

    screen.say("  a sentence of more than thirty columns")
    screen.commands([("local-farm start --background --workers 4", "a remark")])

    assert uncoloured(stream.getvalue()) == (
        "      a sentence of more than\n      thirty columns\n    local-farm start --background --workers 4\n"
    )


def test_commands_have_their_remarks_in_a_column_where_there_is_room() -> None:
    stream = Stream()

    Screen(stream, live=True, width=lambda: 60).commands([("start", "begins"), ("stop", ""), ("status", "tells")])

    assert uncoloured(stream.getvalue()) == "    start   # begins\n    stop\n    status  # tells\n"


def test_a_clipped_line_keeps_its_colours() -> None:
    assert clipped("\x1b[31mred\x1b[0m and more", 6) == "\x1b[31mred\x1b[0m an"
