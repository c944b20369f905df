"""Running a search."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Sequence

from local_farm.searching import values
from local_farm.searching.fields import Searchable
from local_farm.searching.filters import group_condition
from local_farm.searching.sorting import order

MAX_RESULTS = 10_000
"""How many results the service counts, and how far an offset goes."""
PAGE = 100


@dataclass(frozen=True)
class Found:
    """A page of what was found."""

    rows: list[sqlite3.Row]
    total: int
    next_offset: int | None

    def answer(self, key: str, described: list[dict[str, Any]]) -> dict[str, Any]:
        """The members of the answer; ``described`` are the resources of :attr:`rows`."""
        result: dict[str, Any] = {key: described, "totalResults": self.total}
        if self.next_offset is not None:
            result["nextItemOffset"] = self.next_offset
        return result


def search(
    db: sqlite3.Connection, kind: Searchable, within: Sequence[str], parameters: dict[str, Any], *, job_id: str | None
) -> Found:
    """Find what a request is after.

    Args:
        within: The queues, or for workers the fleets, in which to look.
        parameters: Of the request: filterExpressions, sortExpressions, itemOffset, pageSize.
        job_id: The job whose steps or tasks are meant; ``None`` for those of all jobs.

    Raises:
        ValidationError: A field or an operator is not one by which these resources can be searched.
    """
    db.create_function("microseconds", 1, values.microseconds, deterministic=True)
    db.create_function("search_term_matches", 3, values.search_term_matches, deterministic=True)
    db.create_function("parameter_matches", 4, values.parameter_matches, deterministic=True)
    db.create_function("parameter_value", 2, values.parameter_value, deterministic=True)
    conditions, filled = [f"{kind.queue} IN ({','.join('?' * len(within))})"], list(within)
    if job_id is not None:
        conditions.append("jobs.job_id = ?")
        filled.append(job_id)
    if "filterExpressions" in parameters:
        sql, arguments = group_condition(kind, parameters["filterExpressions"])
        conditions.append(sql)
        filled.extend(arguments)
    ordered, order_values = order(kind, parameters.get("sortExpressions", []))
    selection = f"FROM {kind.source} WHERE {' AND '.join(conditions)}"
    (total,) = db.execute(f"SELECT count(*) {selection}", filled).fetchone()
    total = min(total, MAX_RESULTS)
    offset, size = parameters["itemOffset"], parameters.get("pageSize", PAGE)
    rows = db.execute(
        f"SELECT {kind.columns} {selection} ORDER BY {ordered} LIMIT ? OFFSET ?",
        (*filled, *order_values, max(0, min(size, total - offset)), offset),
    ).fetchall()
    return Found(rows, total, offset + size if offset + size < total else None)
