from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from deadline.client.job_bundle._range_expr import parse_int_range_expr
from deadline.client.job_bundle.parameters import validate_job_parameter_value
from deadline.client.job_bundle.submission import to_create_job_value


def value_of(type_name: str, value: Any, **constraints: Any) -> Any:
    return validate_job_parameter_value({"name": "P", "type": type_name, **constraints}, value)  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("type_name", "value", "converted"),
    [
        ("STRING", "x", "x"),
        ("PATH", "/a", "/a"),
        ("INT", 5, 5),
        ("INT", " -07 ", -7),
        ("INT", 5.0, 5),
        ("FLOAT", "1e3", 1000.0),
        ("FLOAT", 2, 2.0),
        ("BOOL", "Yes", True),
        ("BOOL", 0, False),
        ("BOOL", True, True),
        ("RANGE_EXPR", "1-10:2, 20", "1-10:2, 20"),
        ("LIST[STRING]", '["a"]', ["a"]),
        ("LIST[INT]", [1, -2], [1, -2]),
        ("LIST[FLOAT]", [1, 2.5], [1.0, 2.5]),
        ("LIST[BOOL]", ["on", 0, False], [True, False, False]),
        ("LIST[LIST[INT]]", "[[1], []]", [[1], []]),
    ],
)
def test_values_are_converted_to_their_type(type_name: str, value: Any, converted: Any) -> None:
    result = value_of(type_name, value)

    assert result == converted
    assert type(result) is type(converted)


@pytest.mark.parametrize(
    ("type_name", "value", "error"),
    [
        ("STRING", 5, TypeError),
        ("PATH", "x" * 1025, ValueError),
        ("INT", "1_000", ValueError),
        ("INT", 1.5, ValueError),
        ("INT", float("inf"), ValueError),
        ("INT", True, TypeError),
        ("INT", None, TypeError),
        ("INT", 2**63, ValueError),
        ("FLOAT", "nan", ValueError),
        ("FLOAT", float("inf"), ValueError),
        ("FLOAT", "1_0", ValueError),
        ("FLOAT", True, TypeError),
        ("FLOAT", [], TypeError),
        ("BOOL", " true", ValueError),
        ("BOOL", 2, ValueError),
        ("BOOL", None, TypeError),
        ("RANGE_EXPR", 5, TypeError),
        ("LIST[INT]", ["5"], TypeError),
        ("LIST[INT]", [True], TypeError),
        ("LIST[INT]", (1,), TypeError),
        ("LIST[INT]", "1,2", ValueError),
        ("LIST[INT]", [0] * 513, ValueError),
        ("LIST[STRING]", ["x" * 1025], ValueError),
        ("LIST[FLOAT]", [float("nan")], ValueError),
        ("LIST[LIST[INT]]", [[0] * 65], ValueError),
        ("LIST[LIST[INT]]", [1], TypeError),
        ("NOTHING", 1, TypeError),
    ],
)
def test_values_of_another_kind_are_refused_by_name(type_name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="'P'"):
        value_of(type_name, value)


@pytest.mark.parametrize(
    ("type_name", "value", "constraints", "expected"),
    [
        ("STRING", "abc", {"maxLength": 2}, "maxLength 2"),
        ("STRING", "", {"minLength": 1}, "minLength 1"),
        ("STRING", "c", {"allowedValues": ["a", "b"]}, "'a', 'b'"),
        ("INT", 5, {"maxValue": "4"}, "maxValue 4"),
        ("INT", "3", {"allowedValues": [1, "2"]}, "expected one of"),
        ("FLOAT", 0.1, {"minValue": "0.2"}, "minValue 0.2"),
        ("LIST[INT]", [1, 9], {"item": {"maxValue": 8}}, "item 2: it is above maxValue 8"),
        ("LIST[INT]", [1], {"minLength": 2}, "minLength 2"),
        ("LIST[STRING]", ["a", "z"], {"item": {"allowedValues": ["a"]}}, "item 2"),
        ("LIST[LIST[INT]]", [[1], [7]], {"item": {"item": {"maxValue": 5}}}, "item 2: item 1"),
    ],
)
def test_constraints_are_named_where_they_are_not_met(
    type_name: str, value: Any, constraints: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        value_of(type_name, value, **constraints)


def test_numbers_are_compared_exactly() -> None:
    assert value_of("FLOAT", "0.1", minValue="0.1", maxValue=0.1) == 0.1
    assert value_of("INT", "2", allowedValues=["2"]) == 2


@pytest.mark.parametrize(
    ("type_name", "value", "union"),
    [
        ("STRING", "x", {"string": "x"}),
        ("STRING", 5, {"string": "5"}),
        ("PATH", "/a", {"path": "/a"}),
        ("INT", "007", {"int": "7"}),
        ("FLOAT", "1.50", {"float": "1.50"}),
        ("FLOAT", "+1.5", {"float": "1.5"}),
        ("FLOAT", "0.1000000000000000000000000000000001", {"float": "0.1"}),
        ("BOOL", "on", {"bool": "true"}),
        ("RANGE_EXPR", "1-3", {"rangeExpr": "1-3"}),
        ("LIST[PATH]", ["/a"], {"pathList": ["/a"]}),
        ("LIST[INT]", [1, -2], {"intList": ["1", "-2"]}),
        ("LIST[FLOAT]", [1, 0.5], {"floatList": ["1.0", "0.5"]}),
        ("LIST[BOOL]", ["no"], {"boolList": ["false"]}),
        ("LIST[LIST[INT]]", [[1], []], {"intListList": [["1"], []]}),
    ],
)
def test_values_travel_as_the_service_takes_them(type_name: str, value: Any, union: dict[str, Any]) -> None:
    assert to_create_job_value({"name": "P", "type": type_name, "value": value}) == union


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_travels_in_the_form_that_the_service_asks_for(number: int) -> None:
    (text,) = to_create_job_value({"name": "P", "type": "INT", "value": f" {number:+} "}).values()

    assert re.fullmatch(r"-?(0|[1-9][0-9]*)", text)
    assert int(text) == number
    assert len(text) <= 20


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15))
def test_every_number_travels_in_the_form_that_the_service_asks_for(number: float) -> None:
    (text,) = to_create_job_value({"name": "P", "type": "FLOAT", "value": number}).values()

    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", text)
    assert float(text) == number
    assert len(text) <= 26


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("5", [(5, 5, 1)]),
        ("1 - 10 : 4,10-15", [(1, 9, 4), (10, 15, 1)]),
        ("10-1:-3", [(1, 10, 3)]),
        ("-3--1", [(-3, -1, 1)]),
        ("9,1-2", [(1, 2, 1), (9, 9, 1)]),
    ],
)
def test_range_expressions_are_elements_in_order(text: str, ranges: list[tuple[int, int, int]]) -> None:
    assert parse_int_range_expr(text) == ranges


@pytest.mark.parametrize(
    "text", ["", " ", "1-", "a", "1,,2", "1-5:0", "5-1", "1-5:-1", "1-9:2,2-10:2", "1,1", str(2**63), "1," * 600, "１"]
)
def test_other_text_is_no_range_expression(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_int_range_expr(text)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-7, 7).filter(bool))
def test_a_range_ends_where_it_really_ends(start: int, end: int, step: int) -> None:
    if (end - start) * step < 0:
        return
    ((first, last, ascending),) = parse_int_range_expr(f"{start}-{end}:{step}")

    assert list(range(first, last + 1, ascending)) == sorted(range(start, end + (1 if step > 0 else -1), step))
