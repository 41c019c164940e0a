"""Search and filters of a list: their conditions in SQL, the selects, the chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from admin_app.views.listing import ListState
from admin_app.views.page import Filter, Link, Option

Condition = sa.ColumnElement[bool]
Expression = sa.SQLColumnExpression[Any]
Query = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """One select beside the search: the expression it compares, and its choices as value → label.

    ``choices`` is asked inside the transaction of the page, with the value that is selected; when it has none the
    select is not shown. ``read`` turns a value of the URL into one of SQL. ``groups`` names values that stand for
    several of the expression's.
    """

    name: str
    label: str
    expression: Expression
    choices: Callable[[str], Mapping[str, str]]
    known: frozenset[str] | None = None
    read: Callable[[str], Any] = str
    is_counted: bool = True
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def condition(self, value: str, column: Expression) -> Condition:
        """Return what ``column``, the filter's own expression, must be; a value that cannot be read fits no row."""
        if value in self.groups:
            return column.in_(self.groups[value])
        try:
            wanted = self.read(value)
        except ValueError:
            return sa.false()
        return sa.and_(column == wanted)

    def rows_of(self, value: str, rows: Mapping[str, int]) -> int | None:
        """Return how many rows the choice ``value`` would leave, from the counts of the expression's values."""
        return sum(rows.get(part, 0) for part in self.groups.get(value, (value,))) if self.is_counted else None


def fixed(
    name: str,
    label: str,
    expression: Expression,
    choices: Mapping[str, str],
    *,
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> ListFilter:
    """Return a filter whose choices are the same everywhere."""
    return ListFilter(
        name=name, label=label, expression=expression, choices=lambda _selected: choices, known=frozenset(choices),
        groups=groups or {},
    )  # fmt: skip


def conditions(
    filters: Sequence[ListFilter],
    state: ListState,
    *,
    without: str = "",
    columns: Mapping[str, Expression] | None = None,
) -> list[Condition]:
    """Return the conditions of the active filters, leaving out the one named ``without``.

    ``columns`` holds the expressions under the filters' names where they were computed before.
    """
    return [
        item.condition(state.filters[item.name], item.expression if columns is None else columns[item.name])
        for item in filters
        if item.name in state.filters and item.name != without
    ]


def contains(term: str, *columns: Expression) -> Condition:
    """Return whether any of ``columns`` holds ``term`` in any case; ``%`` and ``_`` are plain characters."""
    return sa.or_(*(sa.cast(column, sa.Text).icontains(term, autoescape=True) for column in columns))


def selects(filters: Sequence[ListFilter], state: ListState, counts: Mapping[str, Mapping[str, int]]) -> list[Filter]:
    """Return the selects, each choice of a counted filter with how many rows it would leave."""
    found = []
    for item in filters:
        selected = state.filters.get(item.name, "")
        rows = counts.get(item.name, {})
        options = [Option(value, label, item.rows_of(value, rows)) for value, label in item.choices(selected).items()]
        if options:
            found.append(Filter(name=item.name, label=item.label, options=options, selected=selected))
    return found


def chips(items: Sequence[Filter], state: ListState, path: str) -> list[Link]:
    """Return one removable chip for the search and for each active filter."""
    found = [Link(label=f"“{state.search}”", url=state.without("search").url(path))] if state.search else []
    for item in items:
        if item.selected:
            label = next((option.label for option in item.options if option.value == item.selected), item.selected)
            found.append(Link(label=f"{item.label}: {label}", url=state.without(item.name).url(path)))
    return found
