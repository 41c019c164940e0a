"""The page of one contract (SPEC 4), and all of its activity."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import Permission, needs
from admin_app.views import people, words
from admin_app.views.contracts import activity, calls
from admin_app.views.contracts.access import access_of, off_sentence
from admin_app.views.contracts.deleted import DeletedPage
from admin_app.views.contracts.deleting import DeletingPages
from admin_app.views.contracts.go_live import steps_of
from admin_app.views.contracts.history import history_of
from admin_app.views.contracts.terms import expiry_in_words, terms_of
from admin_app.views.contracts.testing import testing_of
from admin_app.views.page import Action, Badge, Fact, Link, Quota
from admin_app.views.progress import progress_of
from admin_app.visit import scoped, visitor
from shared import clock
from shared.db import db
from shared.models import Contract, Job, License
from shared.services import webhooks


class ContractPage(DeletedPage, DeletingPages):
    """Show one contract."""

    details_template = "contracts/view.html"

    def details(self, model: Contract) -> Mapping[str, Any]:
        at, quota = clock.now(), model.quota
        running, called = _running_job(model), calls.latest(model)
        return {
            "page_title": model.name,
            "status": words.contract_status(model, at),
            "breadcrumbs": self.crumbs(),
            "stopped": _stopped(model),
            "overview": _overview(model),
            "quota": Quota(total=quota.quota, used=quota.used, reserved=quota.reserved),
            "quota_links": {"used": _licenses_url(model, test="no"), "remaining": ""},
            "pool": _pool(model),
            "terms": terms_of(model, at),
            "access": access_of(model, called, at),
            "access_off": "" if model.api_access else off_sentence(model),
            "go_live": steps_of(model, called, at),
            "calls": calls.lines_of(called),
            "calls_url": calls.calls_url(model),
            "testing": testing_of(model, at),
            "access_action": self._access_action(model),
            "running": progress_of(running, at) if running else None,
            **history_of(model, request.args.get("page", "")),
            "licenses": {"count": _count(model), "url": _licenses_url(model), "actions": []},
            "activity": activity.latest(model.id),
            "activity_url": url_for("contracts.activity_view", row_id=model.id),
            "page_actions": [*self.edit_actions(model.id), *self._gate_action(model), *self.delete_actions(model.id)],
            "primary_action": self._generate_action(model),
        }

    @expose("/<uuid:row_id>/activity/")
    @needs("reading")
    def activity_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return every change of a contract, newest first, in pages."""
        with scoped():
            contract = self.get_any(row_id)
            url = url_for("contracts.activity_view", row_id=row_id)
            context = activity.page_of(contract.id, request.args, url)
            context["breadcrumbs"] = [*self.crumbs(), self.link_of(contract)]
        return self.render("admin/model/list.html", **context)

    def _generate_action(self, contract: Contract) -> Action | None:
        if not visitor().may(Permission.GENERATE):
            return None
        url = url_for("contracts.ask_generate", row_id=contract.id)
        return Action(label="Generate licenses", url=url, icon="sparkles", tone="primary", hotkey="g")

    def _gate_action(self, contract: Contract) -> list[Action]:
        if not visitor().may(self.writing):
            return []
        if contract.status == "active":
            url = url_for("contracts.deactivate_view", row_id=contract.id)
            return [Action(label="Deactivate", url=url, icon="player-pause", post=True)]
        url = url_for("contracts.activate_view", row_id=contract.id)
        return [Action(label="Activate", url=url, icon="player-play", post=True)]

    def _access_action(self, contract: Contract) -> Action | None:
        if contract.api_access or not visitor().may(self.writing):
            return None
        url = url_for("contracts.edit_view", row_id=contract.id)
        return Action(label="Switch it on", url=f"{url}#api_access")


def _stopped(contract: Contract) -> str:
    """Return why an active contract generates nothing, with the way out, or nothing (SPEC C-4)."""
    cause = words.stopped_by(contract) if contract.status == "active" else ""
    if not cause:
        return ""
    is_product = cause.startswith("product")
    out = "Activate the product again." if is_product else "Choose another generator for it."
    return f"Nothing is generated from this contract: {cause}. {out}"


def _overview(contract: Contract) -> list[Fact]:
    creator = people.names_of([contract.created_by])[contract.created_by]
    product = Link(label=contract.product.name, url=url_for("products.details_view", row_id=contract.product_id))
    generator_url = url_for("generators.details_view", row_id=contract.generator_id)
    generator = Link(label=contract.generator.name, url=generator_url)
    return [
        Fact(label="Contract uuid", value=str(contract.id), kind="mono"),
        Fact(label="Type", value=words.TYPE_NAMES[contract.type]),
        Fact(label="Environment", value=visitor().place.name.capitalize()),
        Fact(label="Product", value=product, kind="link"),
        Fact(label="Generator", value=generator, kind="link"),
        Fact(label="Licenses expire", value=expiry_in_words(contract)),
        Fact(label="Partner", value=contract.partner),
        _reference(contract.reference),
        Fact(label="Webhook URL", value=webhooks.find_url(contract_id=contract.id), kind="mono"),
        Fact(label="Notes", value=contract.notes),
        Fact(label="Created", value=contract.created_at, kind="time", note=f"by {creator}"),
        Fact(label="Last updated", value=contract.updated_at, kind="time"),
    ]


def _reference(text: str | None) -> Fact:
    """Return the external reference, to follow when it is an address of the web (SPEC C-2)."""
    if text and text.lower().startswith(("http://", "https://")):
        return Fact(label="External reference", value=Link(label=text, url=text, is_outside=True), kind="link")
    return Fact(label="External reference", value=text)


def _running_job(contract: Contract) -> Job | None:
    query = sa.select(Job).where(Job.contract_id == contract.id, Job.status.in_(("queued", "running")))
    return db.session.scalar(query.order_by(Job.id).limit(1))


def _count(contract: Contract, *conditions: sa.ColumnElement[bool]) -> int:
    here = (License.environment_id == contract.environment_id, License.contract_id == contract.id)
    return db.session.scalar(sa.select(sa.func.count()).select_from(License).where(*here, *conditions)) or 0


def _pool(contract: Contract) -> dict[str, Any] | None:
    """Return the stock of a pool: what is free to give away, past expiry not counted (SPEC D-2, K-10)."""
    if contract.type != "pool":
        return None
    fresh = sa.or_(License.expires_at.is_(None), License.expires_at > sa.func.now())
    available = _count(contract, License.status == "available", License.test.is_(False), fresh)
    is_low = available < contract.low_stock
    return {
        "available": available,
        "assigned": _count(contract, License.status == "assigned", License.test.is_(False)),
        "threshold": contract.low_stock,
        "badge": Badge("low stock", "warning") if is_low else Badge("in stock", "success"),
        "available_url": _licenses_url(contract, status="available", test="no"),
        "assigned_url": _licenses_url(contract, status="assigned", test="no"),
    }


def _licenses_url(contract: Contract, **filters: Any) -> str:
    return url_for("licenses.index_view", contract=contract.id, **filters)
