"""Sort expressions as an order of SQL."""

from __future__ import annotations

from typing import Any, Sequence

from local_farm.searching.fields import Searchable
from local_farm.searching.filters import Condition

_DIRECTIONS = {"ASCENDING": "ASC", "DESCENDING": "DESC"}


def order(kind: Searchable, expressions: Sequence[dict[str, Any]]) -> Condition:
    """What stands behind ORDER BY; in the end always by age and id, so that pages fit together.

    What has no value comes first, or last where the order is descending. Raises :class:`ValidationError` for a field that
    there is not.
    """
    parts, arguments = [], []
    for expression in expressions:
        ((name, terms),) = expression.items()
        if name == "userJobsFirst":
            parts.append(f"instr({kind.field('CREATED_BY').sql}, ?) > 0 DESC")
            arguments.append(terms["userIdentityId"])
        elif name == "parameterSort":
            parts.append(f"parameter_value({kind.parameters}, ?) {_DIRECTIONS[terms['sortOrder']]}")
            arguments.append(terms["name"])
        else:
            parts.append(f"{kind.field(terms['name']).sql} {_DIRECTIONS[terms['sortOrder']]}")
    return ", ".join([*parts, kind.created_at, kind.id_]), arguments
