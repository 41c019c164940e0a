"""Reading: a list with search, filters, sorting and paging, all of it in the URL, and a page for each row."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.permissions import needs
from admin_app.views import counts, filters
from admin_app.views.closed import ClosedModelView
from admin_app.views.filters import Condition, Expression, ListFilter, Query
from admin_app.views.listing import ListSpec, ListState, parse
from admin_app.views.page import Action, Bulk, Column, EmptyState, Link, Option, Row, pager
from admin_app.visit import scoped, visitor
from shared.db import db
from shared.errors import Busy, Deleted, DomainError, NotFound

# Counting further costs more than it tells; beyond it a list says “10 000+” and asks to be narrowed.
COUNT_MOST = 10_000
RETRY_SECONDS = 5


class ReadView(ClosedModelView):
    """A list and a page per row over one model; a subclass says what its columns, filters and orders are."""

    noun: ClassVar[tuple[str, str]]  # singular, plural
    columns: ClassVar[Sequence[Column]]
    sorts: ClassVar[Mapping[str, Expression]]
    sort_options: ClassVar[Sequence[Option]]  # the first is the default
    list_filters: ClassVar[Sequence[ListFilter]] = ()
    search_label: ClassVar[str] = ""
    count_most: ClassVar[int] = COUNT_MOST

    list_template = "admin/model/list.html"
    details_template = "admin/model/details.html"

    def base_query(self) -> Query:
        """Return the rows of the person's environment, without those that left a tombstone."""
        live = [self.model.deleted_at.is_(None)] if hasattr(self.model, "deleted_at") else []
        return sa.select(self.model).where(self.model.environment_id == visitor().environment_id, *live)

    def first_use(self) -> EmptyState:
        """Return what an empty list says before anything was made."""
        return EmptyState(title=f"No {self.noun[1]} yet", text="Nothing has been made in this environment yet.")

    def details(self, model: Any) -> Mapping[str, Any]:
        """Return what the details template takes, read inside the page's transaction."""
        raise NotImplementedError

    def search_condition(self, term: str) -> Condition:
        """Return which rows ``term`` finds."""
        raise NotImplementedError

    def row(self, *result: Any) -> Row:
        """Return one result of the query as a row of the table."""
        raise NotImplementedError

    def create_action(self) -> Action | None:
        """Return the button that leads to the form of a new row; a list without forms has none."""
        return None

    def edit_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return the button that leads to the form of a row; a list without forms has none."""
        del row_id
        return []

    def row_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return what a row of the list leads to (SPEC L-1)."""
        edits = [Action(label=action.label, url=action.url, icon=action.icon) for action in self.edit_actions(row_id)]
        return [Action(label="View details", url=self.details_url(row_id), icon="eye"), *edits]

    @cached_property
    def spec(self) -> ListSpec:
        """Return what the list's URL may ask for."""
        return ListSpec(
            sorts=frozenset(self.sorts),
            default_sort=self.sort_options[0].value,
            filters={item.name: item.known for item in self.list_filters},
        )

    @expose("/")
    @needs("reading")
    def index_view(self) -> ResponseReturnValue:
        """Return the list as its URL asks for it; a fragment of it serves the search while one types."""
        state = parse(request.args, self.spec)
        try:
            with scoped():
                context = self._list_context(state)
        except Busy as refusal:
            failed = self.render(self.list_template, **self._failed_context(state))
            return failed, failures.status_of(refusal), {"Retry-After": str(RETRY_SECONDS)}
        return self.render(self.list_template, **context)

    def _searched(self, state: ListState) -> Query:
        query = self.base_query()
        return query.where(self.search_condition(state.search)) if state.search and self.search_label else query

    def selection(self, state: ListState) -> Query:
        """Return the rows that search and filters leave, on whatever page: what an export or a bulk action is of."""
        return self._searched(state).where(*filters.conditions(self.list_filters, state))

    def export_links(self, state: ListState) -> list[Action]:
        """Return the links to the list as files; a list that states no columns for them has none."""
        del state
        return []

    def bulk_of(self, state: ListState, total: int) -> Bulk | None:
        """Return what can be done with ticked rows or all ``total``; a list without such actions has none."""
        del state, total
        return None

    def _list_context(self, state: ListState) -> dict[str, Any]:
        found = counts.count(self.list_filters, state, self._searched(state), most=self.count_most)
        state, path = state.within(min(found.total, self.count_most)), self.list_url()
        narrowed = self.selection(state)
        items = filters.selects(self.list_filters, state, found.choices)
        return {
            "list_url": path,
            "state": state,
            "search_label": self.search_label,
            "filters": items,
            "chips": filters.chips(items, state, path),
            "clear_url": state.cleared().url(path),
            "sort_options": self.sort_options,
            "result_count_text": self._count_text(found.total),
            "columns": self.columns,
            "rows": [self.row(*result) for result in self._page(narrowed, state, found.total)],
            "pager": pager(state, min(found.total, self.count_most), path),
            "bulk": self.bulk_of(state, found.total),
            "exports": self.export_links(state) if found.total else [],
            "empty": self._empty(state),
            "primary_action": self.create_action(),
        }

    def _failed_context(self, state: ListState) -> dict[str, Any]:
        """Return the list whose rows could not be read: it keeps its search, says so and offers another try."""
        path = self.list_url()
        retry = Action(label="Try again", url=state.url(path), icon="refresh", tone="primary")
        text = "The database did not answer in time. Nothing is lost; try again in a moment."
        return {
            "list_url": path,
            "state": state,
            "search_label": self.search_label,
            "filters": [],
            "chips": filters.chips([], state, path),
            "clear_url": state.cleared().url(path),
            "sort_options": self.sort_options,
            "result_count_text": "The list could not be loaded",
            "columns": self.columns,
            "rows": [],
            "pager": None,
            "bulk": None,
            "empty": EmptyState(title="The list could not be loaded", text=text, icon="alert-triangle", action=retry),
            "primary_action": self.create_action(),
        }

    def list_url(self) -> str:
        """Return the address of the list, as people type it."""
        return url_for(f"{self.endpoint}.index_view").rstrip("/")

    def _count_text(self, count: int) -> str:
        number = f"{min(count, self.count_most):,}".replace(",", "\u202f")
        return f"{number}{'+' if count > self.count_most else ''} {self.noun[0] if count == 1 else self.noun[1]}"

    def _page(self, query: Query, state: ListState, total: int) -> Sequence[Any]:
        """Return the results of one page, read from the nearer end: the last page costs what the first does."""
        rows = max(0, min(state.size, total - state.offset))
        is_behind = state.offset > total // 2 and total <= self.count_most
        offset = total - state.offset - rows if is_behind else state.offset
        ordered = query.order_by(*self.ordering(state, turned=is_behind))
        results = db.session.execute(ordered.offset(offset).limit(rows if is_behind else state.size)).unique().all()
        return results[::-1] if is_behind else results

    def ordering(self, state: ListState, *, turned: bool = False) -> list[Any]:
        """Return what the list is sorted by; equal rows follow their ids, so that every row is on one page."""
        columns = dict.fromkeys((self.sorts[state.sort_name], self.model.id))
        is_descending = state.is_descending is not turned
        return [column.desc() if is_descending else column.asc() for column in columns]

    def _empty(self, state: ListState) -> EmptyState:
        if state.is_narrowed:
            clear = Action(label="Clear search and filters", url=state.cleared().url(self.list_url()))
            return EmptyState(title=f"No {self.noun[1]} match", text="Try fewer filters.", icon="search", action=clear)
        return self.first_use()

    def crumbs(self) -> list[Link]:
        """Return the way back to the list."""
        return [Link(label=str(self.name), url=self.list_url())]

    def link_of(self, model: Any) -> Link:
        """Return the way to the page of one row."""
        return Link(label=str(model), url=self.details_url(model.id))

    def get_one(self, row_id: uuid.UUID) -> Any:
        model = db.session.scalar(self.base_query().where(self.model.id == row_id))
        if model is None:
            raise self._missing(row_id)
        return model

    def _missing(self, row_id: uuid.UUID) -> DomainError:
        """Return why there is no such row: it was deleted here, or it is nothing of this environment."""
        if hasattr(self.model, "deleted_at"):
            here = sa.select(self.model).filter_by(id=row_id, environment_id=visitor().environment_id)
            gone = db.session.scalar(here)
            if gone is not None:
                return Deleted(what=f"The {self.noun[0]} “{gone.name}”")
        return NotFound(f"No {self.noun[0]}")

    @expose("/<uuid:row_id>/")
    @needs("reading")
    def details_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the page of one row, or 404 when it is not in this environment."""
        with scoped():
            template, context, status = self.page_of(row_id)
        return self.render(template, **context), status

    def page_of(self, row_id: uuid.UUID) -> tuple[str, Mapping[str, Any], int]:
        """Return template, context and status of one row's page.

        Override this and not the view: Flask-Admin copies inherited views into every subclass.
        """
        return self.details_template, self.details(self.get_one(row_id)), 200

    def details_url(self, row_id: uuid.UUID) -> str:
        """Return the address of one row's page."""
        return url_for(f"{self.endpoint}.details_view", row_id=row_id)
