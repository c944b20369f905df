"""The ``userInterface`` of job parameters: whether it is well formed, and which control shows a parameter."""

from __future__ import annotations

from typing import Any, Mapping

from deadline.client.exceptions import DeadlineOperationError

from .parameter_types import PARAMETER_TYPES

CONTROLS = tuple(sorted({control for type_ in PARAMETER_TYPES.values() for control in type_.controls}))


def validate_user_interface_spec(input: Any, *, parameter_name: str) -> None:  # noqa: A002 - existing contract
    """Check the ``userInterface`` of a parameter.

    Raises:
        TypeError: A field is of the wrong kind.
        ValueError: A field's value is not allowed.
    """
    where = f"the userInterface of parameter {parameter_name!r}"
    if not isinstance(input, dict):
        raise TypeError(f"{where} is not a mapping.")
    if "control" in input and input["control"] not in CONTROLS:
        raise ValueError(f"{where} has the control {input['control']!r}, which is not one of {', '.join(CONTROLS)}.")
    for field in ("label", "groupLabel"):
        if not isinstance(input.get(field, ""), str):
            raise TypeError(f"{where} has a {field} that is not text.")
    decimals = input.get("decimals", 0)
    if isinstance(decimals, bool) or not isinstance(decimals, int):
        raise TypeError(f"{where} has decimals that are not a whole number.")
    if decimals < 0:
        raise ValueError(f"{where} has decimals below 0.")
    step = input.get("singleStepDelta", 1)
    if isinstance(step, bool) or not isinstance(step, (int, float)):
        raise TypeError(f"{where} has a singleStepDelta that is not a number.")
    if step <= 0:
        raise ValueError(f"{where} has a singleStepDelta that is not above 0.")
    filters = input.get("fileFilters", [])
    if not isinstance(filters, list):
        raise TypeError(f"{where} has fileFilters that are not a list.")
    for file_filter in [*filters, *([input["fileFilterDefault"]] if "fileFilterDefault" in input else [])]:
        validate_user_interface_file_filter(file_filter, parameter_name=parameter_name)


def validate_user_interface_file_filter(input: Any, *, parameter_name: str) -> None:  # noqa: A002 - existing contract
    """Check a file filter: a mapping of a ``label`` and ``patterns`` of 1 to 20 characters.

    Raises:
        TypeError: A field is of the wrong kind.
        ValueError: A field is missing or its value is not allowed.
    """
    where = f"a file filter of parameter {parameter_name!r}"
    if not isinstance(input, dict):
        raise TypeError(f"{where} is not a mapping.")
    for field in ("label", "patterns"):
        if field not in input:
            raise ValueError(f"{where} has no {field}.")
    if not isinstance(input["label"], str):
        raise TypeError(f"{where} has a label that is not text.")
    if not isinstance(input["patterns"], list):
        raise TypeError(f"{where} has patterns that are not a list.")
    for pattern in input["patterns"]:
        if not isinstance(pattern, str):
            raise TypeError(f"{where} has the pattern {pattern!r}, which is not text.")
        if not 1 <= len(pattern) <= 20:
            raise ValueError(f"{where} has the pattern {pattern!r}, which does not have 1 to 20 characters.")


def get_ui_control_for_parameter_definition(param_def: Mapping[str, Any]) -> str:
    """The control that shows a parameter: the one it asks for, else the one that suits its type.

    Raises:
        DeadlineOperationError: The control does not suit the type.
    """
    name, type_name = param_def["name"], param_def["type"]
    type_ = PARAMETER_TYPES.get(type_name)
    if type_ is None:
        raise DeadlineOperationError(f"Parameter {name!r} has the type {type_name!r}, which no control shows.")
    control = param_def.get("userInterface", {}).get("control")
    if control is None:
        return _default_control(param_def)
    # A list of lists has one control by default that cannot be asked for.
    if control not in type_.controls or (type_name == "LIST[LIST[INT]]" and control != "HIDDEN"):
        raise DeadlineOperationError(
            f"Parameter {name!r} of type {type_name} asks for the control {control!r}, which does not suit the type."
        )
    if control == "DROPDOWN_LIST" and "allowedValues" not in param_def:
        raise DeadlineOperationError(f"Parameter {name!r} asks for the control DROPDOWN_LIST but has no allowedValues.")
    return str(control)


def _default_control(param_def: Mapping[str, Any]) -> str:
    type_ = PARAMETER_TYPES[param_def["type"]]
    if "allowedValues" in param_def:
        return "DROPDOWN_LIST"
    if not type_.is_path:
        return type_.controls[0]
    control = "CHOOSE_DIRECTORY"
    if param_def.get("objectType") == "FILE":
        control = "CHOOSE_OUTPUT_FILE" if param_def.get("dataFlow") == "OUT" else "CHOOSE_INPUT_FILE"
    return f"{control}_LIST" if type_.item else control
