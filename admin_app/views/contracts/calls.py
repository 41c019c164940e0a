"""The API calls of one contract: the newest on its page, all of them in a list (SPEC A-2, UX 38)."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import needs
from admin_app.views import counts, filters
from admin_app.views.base import ServiceModelView
from admin_app.views.contracts.call_words import FAILED_FROM, REFUSED_FROM, RESULTS, call_of, result_of
from admin_app.views.filters import ListFilter
from admin_app.views.listing import ListSpec, ListState, parse
from admin_app.views.page import Action, Column, EmptyState, Option, Row, pager
from admin_app.views.read_view import COUNT_MOST
from admin_app.views.words import number
from admin_app.visit import scoped
from shared.db import db
from shared.errors import AddressNotAllowed, RateLimited
from shared.models import ApiCall, Contract

LATEST = 8
RESULT = sa.case(
    (ApiCall.status < REFUSED_FROM, "accepted"),
    (ApiCall.code == AddressNotAllowed.code, "address"),
    (ApiCall.code == RateLimited.code, "limit"),
    (ApiCall.status >= FAILED_FROM, "failed"),
    else_="refused",
)
FILTERS = (
    ListFilter(
        name="result", label="Result", expression=RESULT, choices=lambda _selected: RESULTS,
        known=frozenset(RESULTS), is_counted=False,
    ),
)  # fmt: skip
SPEC = ListSpec(sorts=frozenset({"time"}), default_sort="-time", filters={"result": frozenset(RESULTS)})
ORDERS = (Option("-time", "Newest first"), Option("time", "Oldest first"))
COLUMNS = (
    Column(key="at", label="Time", kind="time", sort="time"),
    Column(key="call", label="Call"),
    Column(key="result", label="Result", kind="badge"),
    Column(key="status", label="Status"),
    Column(key="address", label="Address"),
    Column(key="key", label="Key"),
    Column(key="request_id", label="Request id", kind="mono"),
)


class CallPages(ServiceModelView):
    """Show what a reseller's program asked and what it was answered."""

    @expose("/<uuid:row_id>/calls/")
    @needs("reading")
    def calls_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the calls of a contract, newest first, in pages; found again by the id of a request."""
        with scoped():
            contract = self.get_one(row_id)
            context = _list_of(contract, parse(request.args, SPEC))
            context["breadcrumbs"] = [*self.crumbs(), self.link_of(contract)]
        return self.render("admin/model/list.html", **context)


def calls_url(contract: Contract) -> str:
    """Return the address of the list of calls."""
    return url_for("contracts.calls_view", row_id=contract.id)


def latest(contract: Contract) -> list[ApiCall]:
    """Return the newest calls of a contract, refused ones too."""
    return list(db.session.scalars(_query(contract).order_by(ApiCall.id.desc()).limit(LATEST)))


def lines_of(calls: list[ApiCall]) -> list[dict[str, Any]]:
    """Return calls as the page of a contract shows them."""
    return [
        {
            "at": call.at,
            "call": call_of(call),
            "badge": result_of(call),
            "status": call.status,
            "code": call.code or "",
            "address": call.address or "",
            "request_id": call.request_id,
        }
        for call in calls
    ]


def _query(contract: Contract) -> sa.Select[ApiCall]:
    here = (ApiCall.environment_id == contract.environment_id, ApiCall.contract_id == contract.id)
    return sa.select(ApiCall).where(*here)


def _list_of(contract: Contract, state: ListState) -> dict[str, Any]:
    query, url = _query(contract), calls_url(contract)
    if state.search:
        query = query.where(filters.contains(state.search, ApiCall.request_id, ApiCall.client_request_id))
    total = counts.count(FILTERS, state, query, most=COUNT_MOST).total
    within = min(total, COUNT_MOST)
    state, items = state.within(within), filters.selects(FILTERS, state, {})
    order = ApiCall.id.desc() if state.is_descending else ApiCall.id.asc()
    narrowed = query.where(*filters.conditions(FILTERS, state)).order_by(order)
    more = "+" if total > COUNT_MOST else ""
    return {
        "page_title": "API calls",
        "list_url": url,
        "state": state,
        "search_label": "Search request id",
        "filters": items,
        "chips": filters.chips(items, state, url),
        "clear_url": state.cleared().url(url),
        "sort_options": ORDERS,
        "result_count_text": f"{number(within)}{more} {'call' if total == 1 else 'calls'}",
        "columns": COLUMNS,
        "rows": [_row(call) for call in db.session.scalars(narrowed.offset(state.offset).limit(state.size))],
        "pager": pager(state, within, url),
        "bulk": None,
        "empty": _empty(state, url),
    }


def _row(call: ApiCall) -> Row:
    cells = {
        "at": call.at,
        "call": call_of(call),
        "result": result_of(call),
        "status": f"{call.status} {call.code or ''}".strip(),
        "address": call.address,
        "key": f"{call.key[:4]}…",
        "request_id": call.request_id,
    }
    return Row(id=str(call.id), label=call.request_id, cells=cells)


def _empty(state: ListState, url: str) -> EmptyState:
    if state.is_narrowed:
        clear = Action(label="Clear search and filters", url=state.cleared().url(url))
        return EmptyState(title="No calls match", text="Try fewer filters.", icon="search", action=clear)
    text = "Calls appear here once a program uses the key of this contract."
    return EmptyState(title="No calls yet", text=text, icon="plug")
