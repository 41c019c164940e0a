"""Search and filters of a list in SQL: conditions, the counts beside each choice, the chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from admin_app.views.listing import ListState
from admin_app.views.page import Filter, Link, Option
from shared.db import db

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """One select beside the search: the expression it compares, and its choices as value → label.

    ``choices`` is asked inside the transaction of the page, with the value that is selected; when it has none the
    select is not shown. ``read`` turns a value of the URL into one of SQL.
    """

    name: str
    label: str
    expression: sa.ColumnElement[Any]
    choices: Callable[[str], Mapping[str, str]]
    known: frozenset[str] | None = None
    read: Callable[[str], Any] = str
    is_counted: bool = True

    def condition(self, value: str) -> Condition:
        """Return what rows must fulfil; a value that cannot be read fits no row."""
        try:
            return self.expression == self.read(value)
        except ValueError:
            return sa.false()


def fixed(name: str, label: str, expression: sa.ColumnElement[Any], choices: Mapping[str, str]) -> ListFilter:
    """Return a filter whose choices are the same everywhere."""
    return ListFilter(
        name=name, label=label, expression=expression, choices=lambda _selected: choices, known=frozenset(choices)
    )


def conditions(filters: Sequence[ListFilter], state: ListState, *, without: str = "") -> list[Condition]:
    """Return the conditions of the active filters, leaving out the one named ``without``."""
    return [
        item.condition(state.filters[item.name])
        for item in filters
        if item.name in state.filters and item.name != without
    ]


def contains(term: str, *columns: sa.ColumnElement[Any]) -> Condition:
    """Return whether any of ``columns`` holds ``term`` in any case; ``%`` and ``_`` are plain characters."""
    return sa.or_(*(sa.cast(column, sa.Text).icontains(term, autoescape=True) for column in columns))


def selects(filters: Sequence[ListFilter], state: ListState, query: sa.Select[Any]) -> list[Filter]:
    """Return the selects, each choice with how many rows it would leave under the other filters.

    ``query`` is the list's own with search but without filters.
    """
    found = []
    for item in filters:
        selected = state.filters.get(item.name, "")
        others = query.where(*conditions(filters, state, without=item.name))
        options = _options(item, selected, others)
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


def _options(item: ListFilter, selected: str, query: sa.Select[Any]) -> list[Option]:
    choices = item.choices(selected)
    if not item.is_counted:
        return [Option(value, label) for value, label in choices.items()]
    grouped = query.with_only_columns(item.expression, sa.func.count(), maintain_column_froms=True).order_by(None)
    counts = {str(value): count for value, count in db.session.execute(grouped.group_by(item.expression))}
    return [Option(value, label, counts.get(value, 0)) for value, label in choices.items()]
