"""The page a deleted contract leaves: when and by whom it was deleted, and ways to all that stayed (SPEC C-13)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from admin_app import failures
from admin_app.views import people, words
from admin_app.views.base import ServiceModelView
from admin_app.views.contracts import activity
from admin_app.views.contracts.history import history_of
from admin_app.views.page import Badge, Fact, Link
from admin_app.visit import visitor
from shared.errors import Deleted
from shared.models import Contract
from shared.services import contract_deletion


class DeletedPage(ServiceModelView):
    """Show a live contract, or what is left of a deleted one."""

    def page_of(self, row_id: uuid.UUID) -> tuple[str, Mapping[str, Any], int]:
        """Return the page of a contract; 410 with what is left of it once it is deleted."""
        gone = contract_deletion.find_deleted(contract_id=row_id)
        if gone is None:
            return super().page_of(row_id)
        return "contracts/deleted.html", self._left_by(gone), failures.status_of(Deleted(what="This"))

    def get_any(self, row_id: uuid.UUID) -> Contract:
        """Return a contract, deleted or not: for pages of history. Raises NotFound."""
        gone = contract_deletion.find_deleted(contract_id=row_id)
        return gone or self.get_one(row_id)

    def _left_by(self, contract: Contract) -> dict[str, Any]:
        held = contract_deletion.holdings_of(contract)
        return {
            "page_title": contract.name,
            "status": Badge("deleted", "danger"),
            "breadcrumbs": self.crumbs(),
            "deleted_at": contract.deleted_at,
            "deleted_by": people.names_of([contract.deleted_by or ""])[contract.deleted_by or ""],
            "facts": _facts(contract),
            "figures": _figures(contract),
            "licenses": _licenses(contract, held.licenses),
            "licenses_url": url_for("licenses.index_view", contract=contract.id),
            **history_of(contract, request.args.get("page", "")),
            "activity": activity.latest(contract.id),
            "activity_url": url_for("contracts.activity_view", row_id=contract.id),
        }


def _facts(contract: Contract) -> list[Fact]:
    creator = people.names_of([contract.created_by])[contract.created_by]
    return [
        Fact(label="Contract uuid", value=str(contract.id), kind="mono"),
        Fact(label="Name", value=contract.name),
        Fact(label="Type", value=words.TYPE_NAMES[contract.type]),
        Fact(label="Environment", value=visitor().place.name.capitalize()),
        Fact(label="Product", value=_link_of(contract.product, "products"), kind="link"),
        Fact(label="Generator", value=_link_of(contract.generator, "generators"), kind="link"),
        Fact(label="Partner", value=contract.partner),
        Fact(label="External reference", value=contract.reference),
        Fact(label="Created", value=contract.created_at, kind="time", note=f"by {creator}"),
        Fact(label="First active", value=contract.activated_at, kind="time"),
    ]


def _link_of(row: Any, noun: str) -> Link:
    return Link(label=row.name, url=url_for(f"{noun}.details_view", row_id=row.id))


def _figures(contract: Contract) -> list[Fact]:
    quota = contract.quota
    return [
        Fact(label="Quota", value=quota.quota, kind="number"),
        Fact(label="Used", value=quota.used, kind="number"),
        Fact(label="Never used", value=quota.remaining, kind="number"),
    ]


def _licenses(contract: Contract, states: dict[str, int]) -> list[Fact]:
    return [
        Fact(
            label=state.capitalize(),
            kind="link",
            value=Link(
                label=words.number(count),
                url=url_for("licenses.index_view", contract=contract.id, status=state),
            ),
        )
        for state, count in sorted(states.items())
    ]
