"""Generate licenses by hand, and the licenses of one generation (SPEC D-9, G-1)."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import submit_token
from admin_app.forms.generate import GenerateForm
from admin_app.permissions import Permission, needs
from admin_app.views import people, words
from admin_app.views.contracts.deleted import DeletedPage
from admin_app.views.contracts.terms import features_of, sample_of
from admin_app.views.licenses import shown_key
from admin_app.views.page import Fact, Quota
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.db import db
from shared.errors import (
    CountOutOfRange,
    DomainError,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    QuotaExceeded,
    TestLimitReached,
)
from shared.models import Contract, Generation, License
from shared.models.contract import QUOTA_MOST
from shared.services.blueprint import ensure_active, ensure_usable, get_blueprint
from shared.services.fields import whole
from shared.services.generation import IMMEDIATE_MOST, TEST_MOST, Order, generate
from shared.services.idempotency import claim_of
from shared.services.outcome import Outcome

ABOUT_THE_COUNT = (CountOutOfRange, QuotaExceeded, TestLimitReached)
SENT_BEFORE = "This form was sent before with other values, and that was done. Check the number and send it again."


class GeneratingPages(DeletedPage):
    """Make licenses from a contract."""

    generating = Permission.GENERATE

    @expose("/<uuid:row_id>/generate/")
    @needs("generating")
    def ask_generate(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the form; with ``?count=`` and ``?is_test=`` it is also the preview that follows what is typed."""
        is_test = request.args.get("is_test") or request.args.get("test")
        form = GenerateForm(data={"count": request.args.get("count", "1"), "is_test": bool(is_test)})
        return self._generate_page(row_id, form)

    @expose("/<uuid:row_id>/generate/", methods=("POST",))
    @needs("generating")
    def generate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Make the licenses or accept the job; sent twice or reloaded, the form makes one generation."""
        form = GenerateForm(request.form)
        token = submit_token.read(request.form.get("submit_token"))
        try:
            outcome = self._generate(row_id, form, token)
        except NotFound:
            raise
        except DomainError as refusal:
            form.refuse(_about_the_count(refusal))
            return self._generate_page(row_id, form), 422
        if outcome.is_job:
            return redirect(url_for("jobs.details_view", row_id=outcome.generation_id), 303)
        return redirect(self._generation_url(row_id, outcome.generation_id), 303)

    @expose("/<uuid:row_id>/generations/<uuid:generation_id>/")
    @needs("reading")
    def generation_view(self, row_id: uuid.UUID, generation_id: uuid.UUID) -> ResponseReturnValue:
        """Return what one immediate generation made; the keys masked for those who may not see them."""
        with scoped():
            contract = self.get_any(row_id)  # history: also of a deleted contract
            found = db.session.scalar(sa.select(Generation).filter_by(id=generation_id, contract_id=row_id))
            if found is None:
                raise NotFound("No generation")
            context = self._generation_context(contract, found)
        return self.render("contracts/generated.html", **context)

    def _generate(self, row_id: uuid.UUID, form: GenerateForm, token: uuid.UUID) -> Outcome:
        count, reference, is_test = form.wanted(), form.purpose(), bool(form.is_test.data)
        request_ = {"count": count, "reference": reference, "test": is_test}
        order = Order(
            count=count,
            method="manual",
            by=actor(),
            at=clock.now(),
            test=is_test,
            reference=reference,
            claim=claim_of(scope="ui", key=str(token), request=request_),
        )
        with scoped():
            self.get_one(row_id)  # in this environment: the blueprint is read by hand-written SQL
            return generate(blueprint=get_blueprint(contract_id=row_id), order=order)

    def _generate_page(self, row_id: uuid.UUID, form: GenerateForm) -> str:
        with scoped():
            contract = self.get_one(row_id)
            context: dict[str, Any] = {
                "form": form,
                "submit_token": submit_token.new(),
                "quota": _quota(contract),
                "count": _shown_count(form),
                "is_test": bool(form.is_test.data),
                "test_most": TEST_MOST,
                "blocked": _blocked(row_id, is_test=bool(form.is_test.data)),
                "job_from": IMMEDIATE_MOST + 1,
                "sample": sample_of(contract, clock.now()),
                "return_url": self.details_url(row_id),
                "preview_url": url_for("contracts.ask_generate", row_id=row_id),
                "page_title": "Generate licenses",
                "status": words.contract_status(contract, clock.now()),
                "breadcrumbs": [*self.crumbs(), self.link_of(contract)],
            }
        return self.render("contracts/generate.html", **context)

    def _generation_context(self, contract: Contract, found: Generation) -> dict[str, Any]:
        query = sa.select(License.key).filter_by(generation_id=found.id).order_by(License.ordinal)
        keys = [shown_key(key) for key in db.session.scalars(query.limit(IMMEDIATE_MOST))]
        kind = "test license" if found.test else "license"
        made = words.counted(found.count, kind, f"{kind}s")
        may_again = not contract.deleted_at and visitor().may(Permission.GENERATE)
        return {
            "page_title": f"Generation of {made}",
            "breadcrumbs": [*self.crumbs(), self.link_of(contract)],
            "status": words.gate(found.status),
            "summary": f"{made} made{_remaining(contract)}.",
            "keys": keys,
            "facts": _facts(found),
            "list_url": url_for("licenses.index_view", generation=found.id),
            "again_url": url_for("contracts.ask_generate", row_id=contract.id) if may_again else "",
            "contract_url": self.details_url(contract.id),
        }

    def _generation_url(self, row_id: uuid.UUID, generation_id: uuid.UUID) -> str:
        return url_for("contracts.generation_view", row_id=row_id, generation_id=generation_id)


def _blocked(contract_id: uuid.UUID, *, is_test: bool) -> str:
    """Return why the contract would generate nothing just now, said before anybody types a number; or nothing."""
    at, blueprint = clock.now(), get_blueprint(contract_id=contract_id)
    try:
        ensure_active(blueprint, at=at, test=is_test, by_staff=True)
        ensure_usable(blueprint, at=at)
    except DomainError as refusal:
        return str(refusal)
    return ""


def _remaining(contract: Contract) -> str:
    """Return what is left of the quota; nothing is, once the contract is deleted."""
    return "" if contract.deleted_at else f", {words.number(contract.quota.remaining)} remain"


def _about_the_count(refusal: DomainError) -> DomainError:
    """Return a refusal that points to the number typed when another number would be the way out."""
    if isinstance(refusal, IdempotencyKeyReused):
        return InvalidInput(count=SENT_BEFORE)
    return InvalidInput(count=str(refusal)) if isinstance(refusal, ABOUT_THE_COUNT) else refusal


def _shown_count(form: GenerateForm) -> int:
    try:
        return whole(form.text("count").strip(), least=0, most=QUOTA_MOST) or 0
    except ValueError:
        return 0


def _quota(contract: Contract) -> Quota:
    return Quota(total=contract.quota.quota, used=contract.quota.used, reserved=contract.quota.reserved)


def _facts(found: Generation) -> list[Fact]:
    expires_at = found.terms.get("expires_at")
    return [
        Fact(label="Generation", value=str(found.id), kind="mono"),
        Fact(label="Made", value=found.created_at, kind="time"),
        Fact(label="By", value=people.names_of([found.actor])[found.actor]),
        Fact(label="Method", value=words.METHOD_NAMES[found.method]),
        Fact(label="Reference", value=found.reference),
        Fact(label="Activation limit", value=found.terms.get("activation_limit"), kind="number"),
        Fact(label="Expires", value=expires_at or "never"),
        *(Fact(label=item["name"], value=item["value"]) for item in features_of(found.terms.get("features", {}), ())),
    ]
