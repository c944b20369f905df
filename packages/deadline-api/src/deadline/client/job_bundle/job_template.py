"""The controls of submission windows, under the path by which other programs import them."""

from __future__ import annotations

from enum import Enum


class ControlType(str, Enum):
    """The widgets that show job parameters.

    A template says ``SPIN_BOX`` for whole and for decimal numbers; everything else has the same name there.
    """

    LINE_EDIT = "LINE_EDIT"
    MULTILINE_EDIT = "MULTILINE_EDIT"
    INT_SPIN_BOX = "INT_SPIN_BOX"
    FLOAT_SPIN_BOX = "FLOAT_SPIN_BOX"
    DROPDOWN_LIST = "DROPDOWN_LIST"
    CHOOSE_INPUT_FILE = "CHOOSE_INPUT_FILE"
    CHOOSE_OUTPUT_FILE = "CHOOSE_OUTPUT_FILE"
    CHOOSE_DIRECTORY = "CHOOSE_DIRECTORY"
    CHECK_BOX = "CHECK_BOX"
    HIDDEN = "HIDDEN"
    LINE_EDIT_LIST = "LINE_EDIT_LIST"
    SPIN_BOX_LIST = "SPIN_BOX_LIST"
    CHECK_BOX_LIST = "CHECK_BOX_LIST"
    CHOOSE_INPUT_FILE_LIST = "CHOOSE_INPUT_FILE_LIST"
    CHOOSE_OUTPUT_FILE_LIST = "CHOOSE_OUTPUT_FILE_LIST"
    CHOOSE_DIRECTORY_LIST = "CHOOSE_DIRECTORY_LIST"
