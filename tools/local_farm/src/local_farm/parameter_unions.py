"""Parameter values in the service's form and in that of Open Job Description.

The service sends each job or task parameter as a union that names its type, with numbers as text:
``{"Frame": {"int": "1"}}``. The library of Open Job Description keeps a :class:`~openjd.model.ParameterValue`, with text
for the scalar types and native lists and booleans for those of the ``EXPR`` extension.
"""

from __future__ import annotations

from typing import Any, Mapping

from openjd.model import ParameterValue, ParameterValueType

_MEMBER_OF_TYPE = {
    ParameterValueType.INT: "int",
    ParameterValueType.FLOAT: "float",
    ParameterValueType.STRING: "string",
    ParameterValueType.PATH: "path",
    ParameterValueType.CHUNK_INT: "chunkInt",
    ParameterValueType.BOOL: "bool",
    ParameterValueType.RANGE_EXPR: "rangeExpr",
    ParameterValueType.LIST_STRING: "stringList",
    ParameterValueType.LIST_PATH: "pathList",
    ParameterValueType.LIST_INT: "intList",
    ParameterValueType.LIST_FLOAT: "floatList",
    ParameterValueType.LIST_BOOL: "boolList",
    ParameterValueType.LIST_LIST_INT: "intListList",
}
_TYPE_OF_MEMBER = {member: type_ for type_, member in _MEMBER_OF_TYPE.items()}
_NUMBER_OF_LIST = {"intList": int, "floatList": float, "intListList": int}

Union = Mapping[str, Any]


def to_union(value: ParameterValue) -> dict[str, Any]:
    """The service's union for ``value``, e.g. ``{"int": "1"}``."""
    return {_MEMBER_OF_TYPE[value.type]: _as_text(value.value)}


def to_unions(values: Mapping[str, ParameterValue]) -> dict[str, dict[str, Any]]:
    """The service's unions for every parameter in ``values``."""
    return {name: to_union(value) for name, value in values.items()}


def from_union(union: Union) -> ParameterValue:
    """The typed value in the service's ``union``, which has exactly one member."""
    ((member, value),) = union.items()
    return ParameterValue(type=_TYPE_OF_MEMBER[member], value=_as_native(value, _NUMBER_OF_LIST.get(member)))


def from_unions(unions: Mapping[str, Union]) -> dict[str, ParameterValue]:
    """The typed values of every parameter in ``unions``."""
    return {name: from_union(union) for name, union in unions.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _as_native(value: Any, number: type[int] | type[float] | None) -> Any:
    if isinstance(value, list):
        return [_as_native(item, number) for item in value]
    return number(value) if number else value
