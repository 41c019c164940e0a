"""How many rows a list has, and how many each choice of a filter would leave under the other filters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from admin_app.views.filters import ListFilter, Query, conditions
from admin_app.views.listing import ListState
from shared.db import db


@dataclass(frozen=True)
class Counts:
    """The number of rows, and filter → value → rows for the filters that are counted."""

    total: int
    choices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def count(filters: Sequence[ListFilter], state: ListState, query: Query, *, most: int) -> Counts:
    """Count in one statement: the search is evaluated once, however many filters are counted over what it found.

    ``query`` is the list's own with search but without filters. Without a counted filter, which is how lists of
    millions are, counting stops one row above ``most``.
    """
    counted = [item for item in filters if item.is_counted]
    if not counted:
        return Counts(_capped(query.where(*conditions(filters, state)), most))
    columns: list[sa.Label[Any]] = [item.expression.label(item.name) for item in filters]
    found = query.with_only_columns(*columns, maintain_column_froms=True).cte("found")
    parts = [_part(found, filters, state, item) for item in counted]
    choices: dict[str, dict[str, int]] = defaultdict(dict)
    total = 0
    for name, value, rows in db.session.execute(sa.union_all(_part(found, filters, state), *parts)):
        if name:
            choices[name][str(value)] = rows
        else:
            total = rows
    return Counts(total, choices)


def _part(
    found: sa.CTE, filters: Sequence[ListFilter], state: ListState, item: ListFilter | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """Return name, value and rows of one filter under the others; without one, the number of all rows."""
    name = item.name if item else ""
    value = sa.cast(found.c[name], sa.Text) if item else sa.cast(sa.null(), sa.Text)
    part = sa.select(sa.literal(name), value, sa.func.count()).select_from(found)
    part = part.where(*conditions(filters, state, without=name, columns=dict(found.c.items())))
    return part.group_by(value) if item else part


def _capped(query: Query, most: int) -> int:
    rows = query.with_only_columns(sa.literal(1), maintain_column_froms=True).limit(most + 1)
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0
