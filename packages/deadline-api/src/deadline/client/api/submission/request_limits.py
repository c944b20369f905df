"""Limits of CreateJob's arguments, so that what the service would refuse is known before files are uploaded."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .findings import ERROR, WARNING, Finding

LONGEST_TEMPLATE = 1_000_000
MOST_PARAMETERS = 200
LONGEST_VALUE = 1024
"""Characters of a parameter's value, or of an item of it."""
_LARGEST = 2**31 - 1
_NUMBERS = {
    "priority": (0, 100),
    "maxFailedTasksCount": (0, _LARGEST),
    "maxRetriesPerTask": (0, _LARGEST),
    "maxWorkerCount": (-1, _LARGEST),
}


def request_findings(arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """What of CreateJob's arguments is beyond the service's limits."""
    template = arguments.get("template", "")
    if len(template) > LONGEST_TEMPLATE:
        yield Finding(
            ERROR,
            f"A template has at most {LONGEST_TEMPLATE} characters",
            "Move scripts and data from the template into files of the job bundle.",
            field="template",
            detail=f"{len(template)} characters",
        )
    parameters = arguments.get("parameters") or {}
    if len(parameters) > MOST_PARAMETERS:
        yield Finding(
            ERROR,
            f"A job has at most {MOST_PARAMETERS} parameter values",
            "Leave parameters at their defaults, or bring several together in one, for instance in a file.",
            field="parameters",
            detail=f"{len(parameters)} values",
        )
    for name, union in parameters.items():
        longest = max((len(text) for text in _texts(union)), default=0)
        if longest > LONGEST_VALUE:
            yield Finding(
                ERROR,
                f"A parameter's value, or an item of it, has at most {LONGEST_VALUE} characters",
                "Write the text to a file of the job bundle, and give the job the file's path.",
                field=f"parameters.{name}",
                detail=f"{longest} characters",
            )
    for field, (least, most) in _NUMBERS.items():
        number = arguments.get(field)
        if isinstance(number, int) and not least <= number <= most:
            yield Finding(
                ERROR,
                f"A number is not between {least} and {most}",
                "Choose a number in these bounds.",
                field=field,
                detail=str(number),
            )
    if arguments.get("maxWorkerCount") == 0:
        yield Finding(
            WARNING,
            "A job of which no worker may work will not run",
            "Give it -1 for any number of workers; to let it wait, submit it with the status SUSPENDED.",
            field="maxWorkerCount",
            detail="0",
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
