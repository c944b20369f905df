from __future__ import annotations

import re
from typing import Any

import pytest

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.job_template import ControlType
from deadline.client.job_bundle.parameter_types import PARAMETER_TYPES
from deadline.client.job_bundle.parameters import (
    get_ui_control_for_parameter_definition,
    merge_queue_job_parameters,
    parameter_definition_difference,
    validate_job_parameter,
    validate_user_interface_file_filter,
    validate_user_interface_spec,
)
from deadline.client.job_bundle.user_interface import CONTROLS


def definition(type_name: str = "STRING", **fields: Any) -> dict[str, Any]:
    return {"name": "P", "type": type_name, **fields}


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "P"},
        {"name": "P", "unknown": 1},
        definition(description="x", default="a", minLength=1, maxLength=1, allowedValues=["a"]),
        definition(allowedPattern="[a-z]+", default="abc"),
        definition("INT", minValue="1", maxValue=5, default="3"),
        definition("FLOAT", minValue=0.5, maxValue="1e3", default=0.5),
        definition("PATH", objectType="FILE", dataFlow="INOUT", default=""),
        definition("BOOL", default="yes"),
        definition("RANGE_EXPR", default="1-10"),
        definition("LIST[STRING]", default=["a"], item={"maxLength": 1, "allowedValues": ["a"]}, maxLength=1),
        definition("LIST[PATH]", objectType="FILE", dataFlow="IN", default=[]),
        definition("LIST[INT]", default=[1], item={"minValue": 0, "maxValue": 2**62}),
        definition("LIST[FLOAT]", default=[0.5], item={"minValue": 0.1}),
        definition("LIST[BOOL]", default=[True]),
        definition("LIST[LIST[INT]]", default=[[1]], item={"maxLength": 2, "item": {"maxValue": 1}}),
    ],
)
def test_a_well_formed_definition_is_returned_as_it_is(parameter: dict[str, Any]) -> None:
    assert validate_job_parameter(parameter) is parameter


@pytest.mark.parametrize(
    ("parameter", "error", "message"),
    [
        ([], TypeError, "mapping"),
        ({}, ValueError, "no name"),
        ({"name": 5}, TypeError, "name"),
        ({"name": ""}, ValueError, "empty"),
        ({"name": "P"}, ValueError, "no type"),
        (definition(default=None), ValueError, "default must not be null"),
        (definition("string"), ValueError, "type 'string'"),
        ({"name": "P", "type": []}, TypeError, "type"),
        (definition(description=5), TypeError, "description"),
        (definition(allowedValues="a"), TypeError, "allowedValues"),
        (definition("PATH", dataFlow="in"), ValueError, "dataFlow"),
        (definition("PATH", objectType="FOLDER"), ValueError, "objectType"),
        (definition(minLength=True), TypeError, "minLength"),
        (definition(maxLength=-1), ValueError, "maxLength"),
        (definition(minLength=3, maxLength=2), ValueError, "minLength 3 is above maxLength 2"),
        (definition("INT", minValue=True), TypeError, "minValue"),
        (definition("INT", minValue="x"), ValueError, "minValue 'x'"),
        (definition("INT", minValue="10", maxValue="9"), ValueError, "minValue 10 is above maxValue 9"),
        (definition("INT", minValue=0.5), ValueError, "minValue"),
        (definition("INT", allowedValues=[9], maxValue=5), ValueError, "above maxValue"),
        (definition(allowedPattern="("), ValueError, "regular expression"),
        (definition(allowedPattern=5), TypeError, "allowedPattern"),
        (definition(allowedPattern="[a-z]+", default="a1"), ValueError, "default is not allowed.*allowedPattern"),
        (definition("INT", default="abc"), ValueError, "default is not allowed"),
        (definition("INT", default=11, maxValue=10), ValueError, "default is not allowed"),
        (definition(default=5), TypeError, "default"),
        (definition(default=True), TypeError, "quotes"),
        (definition("PATH", default="x" * 1025), ValueError, "1024"),
        (definition("PATH", minLength=1025), ValueError, "minLength"),
        (definition("BOOL", minLength=1), ValueError, "no minLength"),
        (definition("RANGE_EXPR", minValue=1), ValueError, "no minValue"),
        (definition("RANGE_EXPR", default="1-"), ValueError, "default"),
        (definition("LIST[STRING]", allowedValues=["a"]), ValueError, "no allowedValues"),
        (definition("LIST[STRING]", dataFlow="IN"), ValueError, "no dataFlow"),
        (definition("LIST[INT]", default="[1]"), TypeError, "not a list"),
        (definition("LIST[INT]", minLength=513), ValueError, "minLength"),
        (definition("LIST[INT]", item={"minLength": 1}), ValueError, "no minLength"),
        (definition("LIST[INT]", item={"minValue": "1"}), TypeError, "minValue"),
        (definition("LIST[INT]", item={"allowedValues": []}), ValueError, "allowedValues"),
        (definition("LIST[INT]", item=[]), TypeError, "item"),
        (definition("LIST[BOOL]", item={}), ValueError, "no item"),
        (definition("LIST[LIST[INT]]", item={"minLength": 65}), ValueError, "minLength"),
        (definition("LIST[LIST[INT]]", default=[[5]], item={"item": {"maxValue": 4}}), ValueError, "item 1: item 1"),
        (definition(item={}), ValueError, "no item"),
        (definition(userInterface={"control": "KNOB"}), ValueError, "control 'KNOB'"),
    ],
)
def test_another_one_is_refused_with_the_parameter_and_the_field(
    parameter: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"(?s){message}") as caught:
        validate_job_parameter(parameter, type_required=True)
    if isinstance(parameter, dict) and parameter.get("name") == "P":
        assert "'P'" in str(caught.value)


def test_a_default_can_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no default"):
        validate_job_parameter(definition(), default_required=True)


# The user interface


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ([], TypeError, "mapping"),
        ({"label": 5}, TypeError, "label"),
        ({"groupLabel": None}, TypeError, "groupLabel"),
        ({"decimals": 1.0}, TypeError, "decimals"),
        ({"decimals": -1}, ValueError, "decimals"),
        ({"singleStepDelta": 0}, ValueError, "singleStepDelta"),
        ({"singleStepDelta": "1"}, TypeError, "singleStepDelta"),
        ({"fileFilters": {}}, TypeError, "fileFilters"),
        ({"fileFilters": [{"label": "x"}]}, ValueError, "no patterns"),
        ({"fileFilterDefault": {"label": "x", "patterns": [""]}}, ValueError, "1 to 20"),
        ({"fileFilterDefault": {"label": "x", "patterns": "*"}}, TypeError, "patterns"),
    ],
)
def test_a_user_interface_that_is_not_well_formed_is_refused(spec: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        validate_user_interface_spec(spec, parameter_name="P")
    assert "'P'" in str(caught.value)


def test_every_field_of_a_user_interface_may_be_there() -> None:
    file_filter = {"label": "Scenes", "patterns": ["*.ma", "x" * 20]}
    validate_user_interface_file_filter(file_filter, parameter_name="P")
    for control in CONTROLS:
        spec = {"control": control, "label": "L", "groupLabel": "G", "decimals": 0, "singleStepDelta": 0.5}
        validate_user_interface_spec({**spec, "fileFilters": [file_filter]}, parameter_name="P")


@pytest.mark.parametrize(
    ("parameter", "control"),
    [
        (definition(), "LINE_EDIT"),
        (definition(allowedValues=["a"]), "DROPDOWN_LIST"),
        (definition("INT"), "SPIN_BOX"),
        (definition("FLOAT"), "SPIN_BOX"),
        (definition("PATH"), "CHOOSE_DIRECTORY"),
        (definition("PATH", dataFlow="OUT"), "CHOOSE_DIRECTORY"),
        (definition("PATH", objectType="FILE"), "CHOOSE_INPUT_FILE"),
        (definition("PATH", objectType="FILE", dataFlow="INOUT"), "CHOOSE_INPUT_FILE"),
        (definition("PATH", objectType="FILE", dataFlow="OUT"), "CHOOSE_OUTPUT_FILE"),
        (definition("BOOL"), "CHECK_BOX"),
        (definition("RANGE_EXPR"), "LINE_EDIT"),
        (definition("LIST[STRING]"), "LINE_EDIT_LIST"),
        (definition("LIST[PATH]", objectType="FILE", dataFlow="OUT"), "CHOOSE_OUTPUT_FILE_LIST"),
        (definition("LIST[PATH]"), "CHOOSE_DIRECTORY_LIST"),
        (definition("LIST[INT]"), "SPIN_BOX_LIST"),
        (definition("LIST[FLOAT]"), "SPIN_BOX_LIST"),
        (definition("LIST[BOOL]"), "CHECK_BOX_LIST"),
        (definition("LIST[LIST[INT]]"), "MULTILINE_EDIT"),
    ],
)
def test_each_type_has_a_control_by_default(parameter: dict[str, Any], control: str) -> None:
    assert get_ui_control_for_parameter_definition(parameter) == control


@pytest.mark.parametrize("type_name", PARAMETER_TYPES)
def test_a_type_takes_its_own_controls_and_no_other(type_name: str) -> None:
    own = PARAMETER_TYPES[type_name].controls if type_name != "LIST[LIST[INT]]" else ("HIDDEN",)
    for control in CONTROLS:
        asked = definition(type_name, allowedValues=[], userInterface={"control": control})
        if control in own:
            assert get_ui_control_for_parameter_definition(asked) == control
        else:
            with pytest.raises(DeadlineOperationError, match=rf"'P'.*{control}"):
                get_ui_control_for_parameter_definition(asked)


def test_a_list_to_choose_from_needs_choices() -> None:
    with pytest.raises(DeadlineOperationError, match="no allowedValues"):
        get_ui_control_for_parameter_definition(definition(userInterface={"control": "DROPDOWN_LIST"}))


def test_the_widgets_are_the_controls_but_for_two_kinds_of_spin_boxes() -> None:
    widgets = {widget.name for widget in ControlType}
    assert widgets - set(CONTROLS) == {"INT_SPIN_BOX", "FLOAT_SPIN_BOX"}
    assert set(CONTROLS) - widgets == {"SPIN_BOX"}


# Comparing and merging


@pytest.mark.parametrize(
    ("left", "right", "fields"),
    [
        (definition(default="a", description="x"), definition(default="b", userInterface={}), []),
        (definition(allowedValues=["a", "b"]), definition(allowedValues=["b", "a", "b"]), []),
        (definition("FLOAT", allowedValues=[1]), definition("FLOAT", allowedValues=[1.0]), []),
        (definition(), definition("INT", minValue=1), ["type", "minValue"]),
        (definition("PATH", dataFlow="IN"), definition("PATH", objectType="FILE"), ["dataFlow", "objectType"]),
        (definition(allowedValues=["a"]), definition(), ["allowedValues"]),
        (definition("LIST[INT]"), definition("LIST[INT]", item={}), []),
        (definition("LIST[INT]", item={"minValue": 1}), definition("LIST[INT]"), ["item"]),
        (
            definition("LIST[LIST[INT]]", item={"item": {"allowedValues": [1, 2]}}),
            definition("LIST[LIST[INT]]", item={"item": {"allowedValues": [2, 1]}}),
            [],
        ),
    ],
)
def test_definitions_differ_in_what_the_service_compares(left: Any, right: Any, fields: list[str]) -> None:
    assert parameter_definition_difference(left, right) == fields
    assert parameter_definition_difference(right, left) == fields


def test_what_only_one_definition_says_may_be_left_out_of_the_comparison() -> None:
    left, right = definition("INT", minValue=1, maxValue=5), definition("INT", maxValue=6)
    assert parameter_definition_difference(left, right, ignore_missing=True) == ["maxValue"]


def test_the_bundle_gives_values_and_defaults_and_the_queue_everything_else() -> None:
    queue = [definition(default="q", description="of the queue"), {"name": "Q", "type": "INT", "default": 1}]
    bundle = [
        definition(default="b", value="v"),
        {"name": "Q", "value": 5},
        {"name": "B", "type": "INT"},
        {"name": "a:b", "value": 1},
    ]

    merged = merge_queue_job_parameters(job_parameters=bundle, queue_parameters=queue)

    assert merged == [
        definition(default="b", value="v", description="of the queue"),
        {"name": "Q", "type": "INT", "default": 1, "value": 5},
        {"name": "B", "type": "INT"},
        {"name": "a:b", "value": 1},
    ]
    assert queue[0] == definition(default="q", description="of the queue")


def test_all_contradictions_are_one_error() -> None:
    queue = [definition(), {"name": "Q", "type": "INT", "minValue": 1}]
    bundle = [definition("INT"), {"name": "Q", "type": "INT"}]
    with pytest.raises(DeadlineOperationError, match=r"(?s)queue-1.*P: type.*Q: minValue"):
        merge_queue_job_parameters(job_parameters=bundle, queue_parameters=queue, queue_id="queue-1")


def test_a_value_for_a_parameter_that_nobody_defines_is_an_error_with_a_guess() -> None:
    bundle = [{"name": "Frames", "type": "STRING"}, {"name": "FRAMES", "value": "1"}]
    with pytest.raises(DeadlineOperationError, match=re.escape("Did you mean Frames?")):
        merge_queue_job_parameters(job_parameters=bundle, queue_parameters=[])
