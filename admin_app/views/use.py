"""What stands on a product or a generator, as facts that each lead to the list they count (SPEC R-4)."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import url_for

from admin_app.views import words
from admin_app.views.contracts.listing import STATUS, STATUSES
from admin_app.views.page import Card, Fact, Link
from admin_app.visit import visitor
from shared.db import db
from shared.models import Contract
from shared.services.usage import COUNT_MOST, Usage

NAMED_MOST = 50


def contract_states(column: Any, value: uuid.UUID) -> dict[str, int]:
    """Return status → live contracts whose ``column`` is ``value``, by the words and rule of the contracts list."""
    query = (
        sa.select(STATUS.label("status"), sa.func.count().label("n"))
        .select_from(Contract)
        .join(Contract.quota)
        .where(Contract.environment_id == visitor().environment_id, Contract.deleted_at.is_(None), column == value)
        .group_by(STATUS)
    )
    found = {row.status: row.n for row in db.session.execute(query)}
    active = found.get("active", 0)
    return {"active": active, "inactive": sum(found.get(name, 0) for name in STATUSES) - active}


def named_contracts(column: Any, value: uuid.UUID) -> list[Link]:
    """Return links to the first contracts whose ``column`` is ``value``, in the order of names."""
    here = sa.select(Contract).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    found = db.session.scalars(here.where(column == value).order_by(sa.func.lower(Contract.name)).limit(NAMED_MOST))
    return [
        Link(label=row.name, url=url_for("contracts.details_view", row_id=row.id), note=row.status) for row in found
    ]


def card(noun: str, row_id: uuid.UUID, uses: Usage, states: dict[str, int]) -> Card:
    """Return the card of what stands on one ``noun`` (product or generator)."""

    def link(of: str, count: int, **more: Any) -> Link:
        return Link(label=shown(count), url=_list_of(of, noun, row_id, **more))

    generators = [Fact(label="Generators", value=link("generators", uses.generators), kind="link")]
    return Card(
        title="Use",
        facts=[
            *(generators if noun == "product" else ()),
            Fact(label="Active contracts", value=link("contracts", states["active"], status="active"), kind="link"),
            Fact(
                label="Inactive contracts", value=link("contracts", states["inactive"], status="inactive"), kind="link"
            ),
            Fact(label="Licenses", value=link("licenses", uses.licenses), kind="link"),
        ],
    )


def used_by(noun: str, row_id: uuid.UUID, uses: Usage) -> list[Link]:
    """Return what stands on one ``noun`` as sentences that lead to the lists."""
    counts = (("generators", uses.generators), ("contracts", uses.contracts), ("licenses", uses.licenses))
    return [
        Link(label=f"{shown(count)} {of if count > 1 else of[:-1]}", url=_list_of(of, noun, row_id))
        for of, count in counts
        if count
    ]


def _list_of(of: str, noun: str, row_id: uuid.UUID, **more: Any) -> str:
    filters: dict[str, Any] = {noun: row_id, **more}
    return url_for(f"{of}.index_view", **filters)


def shown(count: int) -> str:
    """Return a number as the lists say it: counting stops at some point."""
    return f"{words.number(COUNT_MOST)}+" if count > COUNT_MOST else words.number(count)
