"""The types of job parameters: what their values look like on the wire, and which controls show them.

The scalar types are those of Open Job Description 2023-09, ``BOOL``, ``RANGE_EXPR`` and the lists those of its ``EXPR``
extension. The member names are those of CreateJob's ``parameters`` union.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from typing_extensions import TypedDict

MAXIMUM_STRING_LENGTH = 1024
"""Characters in a path, or in an item of a list of strings."""

APP_PARAMETER_PREFIX = "deadline:"
"""Begins the names of parameters that are properties of the job, such as ``deadline:priority``."""


class JobParameter(TypedDict, total=False):
    """A job parameter: its definition as in a template, and its value where it has one."""

    name: str
    type: str
    description: str
    value: Any
    default: Any
    allowedValues: List[Any]
    allowedPattern: str
    dataFlow: str
    objectType: str
    maxLength: int
    minLength: int
    maxValue: Any
    minValue: Any
    item: Dict[str, Any]
    userInterface: Dict[str, Any]


@dataclass(frozen=True)
class ParameterType:
    """A type of job parameters."""

    name: str
    member: str
    controls: Tuple[str, ...]
    """The controls that may show it, the default first."""
    item: Optional[str] = None
    """The type of its items, of a list."""
    maximum_items: int = 0

    @property
    def is_path(self) -> bool:
        """Whether values, or their items, are paths."""
        return "PATH" in (self.name, self.item)


_CHOOSERS = ("CHOOSE_DIRECTORY", "CHOOSE_INPUT_FILE", "CHOOSE_OUTPUT_FILE")
_LIST_CHOOSERS = tuple(f"{control}_LIST" for control in _CHOOSERS)

PARAMETER_TYPES: Dict[str, ParameterType] = {
    type_.name: type_
    for type_ in (
        ParameterType("STRING", "string", ("LINE_EDIT", "MULTILINE_EDIT", "DROPDOWN_LIST", "CHECK_BOX", "HIDDEN")),
        ParameterType("PATH", "path", (*_CHOOSERS, "DROPDOWN_LIST", "HIDDEN")),
        ParameterType("INT", "int", ("SPIN_BOX", "DROPDOWN_LIST", "HIDDEN")),
        ParameterType("FLOAT", "float", ("SPIN_BOX", "DROPDOWN_LIST", "HIDDEN")),
        ParameterType("BOOL", "bool", ("CHECK_BOX", "HIDDEN")),
        ParameterType("RANGE_EXPR", "rangeExpr", ("LINE_EDIT", "HIDDEN")),
        ParameterType("LIST[STRING]", "stringList", ("LINE_EDIT_LIST", "HIDDEN"), "STRING", 64),
        ParameterType("LIST[PATH]", "pathList", (*_LIST_CHOOSERS, "HIDDEN"), "PATH", 64),
        ParameterType("LIST[INT]", "intList", ("SPIN_BOX_LIST", "HIDDEN"), "INT", 512),
        ParameterType("LIST[FLOAT]", "floatList", ("SPIN_BOX_LIST", "HIDDEN"), "FLOAT", 512),
        ParameterType("LIST[BOOL]", "boolList", ("CHECK_BOX_LIST", "HIDDEN"), "BOOL", 512),
        # No control edits lists of lists; its text is edited instead.
        ParameterType("LIST[LIST[INT]]", "intListList", ("MULTILINE_EDIT", "HIDDEN"), "LIST[INT]", 512),
    )
}

MAXIMUM_INNER_ITEMS = 64
"""Integers in each list of a ``LIST[LIST[INT]]``."""
