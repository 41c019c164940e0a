"""Create and edit a contract; somebody else's change is shown beside one's own instead of being lost (SPEC C-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures, submit_token
from admin_app.forms.base import uuid_of
from admin_app.forms.contract import LARGE_QUOTA, QUOTA_LARGE, ContractForm, typed
from admin_app.permissions import needs
from admin_app.views import choices, words
from admin_app.views.base import FORM_REFUSALS
from admin_app.views.contracts.choosing import beside_of, opened_with, reloads
from admin_app.views.contracts.conflict import conflict_of
from admin_app.views.contracts.listing import ContractList
from admin_app.views.contracts.shown import key_page, keyring
from admin_app.views.page import Locked
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.db import current_settings, db
from shared.errors import StaleVersion
from shared.models import Contract
from shared.services import contracts
from shared.services.keys import IssuedKey

FIXED = {
    "type": "Reports group by it, so it is fixed at creation.",
    "product": "Its licenses belong to this product. Make a new contract for another one.",
    "environment": "That of its product.",
    "uuid": "The gateway's address and every license name it.",
}


class ContractForms(ContractList):
    """The two forms of a contract and its gate."""

    form = ContractForm

    @expose("/new/", methods=("GET", "POST"))
    @needs("writing")
    def create_view(self) -> ResponseReturnValue:
        """Return the form of a new contract, or make it; sent twice, the form makes one contract."""
        form = ContractForm(request.form or None, data=self._given())
        with scoped():
            self.prepare(form)
            beside = beside_of(form)
        if request.method == "POST":
            form.refuse_past(today=clock.now().date())
            contract_id = submit_token.read(request.form.get("submit_token"))
            if self._is_made(contract_id):
                return self._made_before(contract_id)
            try:
                return self._create(form, contract_id)
            except FORM_REFUSALS as refusal:
                if self._is_made(contract_id):  # by a twin, in the meantime
                    return self._made_before(contract_id)
                form.refuse(refusal)
        return self.form_page(
            "contracts/create.html", form, page_title="Create contract", submit_token=submit_token.new(),
            **beside,
        )  # fmt: skip

    @expose("/<uuid:row_id>/edit/", methods=("GET", "POST"))
    @needs("writing")
    def edit_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the form of a contract, or change it, or show what somebody else changed meanwhile."""
        with scoped():
            contract = self.get_one(row_id)
            form = ContractForm(request.form or None, data={**typed(contract), **opened_with(request.args)})
            self.prepare(form, contract)
            beside, quota = beside_of(form), contract.quota.quota
        if request.method == "POST":
            form.refuse_past(today=clock.now().date(), kept=contract.expiry_date)
            try:
                return self._amend(form, row_id, quota)
            except StaleVersion as refusal:
                return self._conflict(form, row_id), failures.status_of(refusal)
            except FORM_REFUSALS as refusal:
                form.refuse(refusal)
        return self.form_page("contracts/edit.html", form, contract, page_title=f"Edit {contract.name}", **beside)

    @expose("/<uuid:row_id>/activate/", methods=("POST",))
    @needs("writing")
    def activate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Open the gate."""
        with scoped():
            contracts.activate(contract_id=row_id, by=actor(), at=clock.now())
        flash("The contract is active and may generate.", "success")
        return redirect(self.details_url(row_id), 303)

    @expose("/<uuid:row_id>/deactivate/", methods=("POST",))
    @needs("writing")
    def deactivate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Close the gate; licenses already made stay as they are (SPEC C-3)."""
        with scoped():
            contracts.deactivate(contract_id=row_id, by=actor(), at=clock.now())
        flash("The contract is inactive: it generates nothing until it is activated.", "success")
        return redirect(self.details_url(row_id), 303)

    def prepare(self, form: Any, model: Contract | None = None) -> None:
        form.product_id.choices = choices.active_products()
        if model is None:
            chosen, kept, url = uuid_of(form.product_id.data), None, url_for("contracts.create_view")
            form.product_id.render_kw = reloads(url)
        else:
            chosen, kept = model.product_id, model.generator_id
            url = url_for("contracts.edit_view", row_id=model.id)
            del form.active
        form.settle_preset()
        form.generator_id.render_kw = reloads(url)
        form.generator_id.choices = choices.active_generators(product_id=chosen, kept=kept)

    def form_context(self, model: Contract | None = None) -> Mapping[str, Any]:
        if model is None:
            return {}
        locked = [
            Locked(label="Type", value=words.TYPE_NAMES[model.type], reason=FIXED["type"]),
            Locked(label="Product", value=model.product.name, reason=FIXED["product"]),
            Locked(label="Environment", value=visitor().place.name.capitalize(), reason=FIXED["environment"]),
            Locked(label="uuid", value=str(model.id), reason=FIXED["uuid"]),
        ]
        return {"locked_fields": locked}

    def _create(self, form: ContractForm, contract_id: uuid.UUID) -> ResponseReturnValue:
        with scoped():
            contract, issued = contracts.create(
                fields={**form.fields(), "type": form.type.data, "product_id": uuid_of(form.product_id.data)},
                quota=form.text("quota"),
                active=bool(form.active.data),
                by=actor(),
                at=clock.now(),
                keyring=keyring(),
                http_webhooks=current_settings().webhook_http,
                contract_id=contract_id,
            )
            form.ensure_unmarked()
        return self._saved(contract, issued, f"{contract.name} is made.")

    def _amend(self, form: ContractForm, row_id: uuid.UUID, quota: int) -> ResponseReturnValue:
        with scoped():
            contract, issued = contracts.amend(
                contract_id=row_id,
                version=form.opened_version(),
                fields={**form.fields(), **form.fixed_fields()},
                quota=form.text("quota"),
                by=actor(),
                at=clock.now(),
                keyring=keyring(),
                http_webhooks=current_settings().webhook_http,
            )
            form.ensure_unmarked()
        return self._saved(contract, issued, "Contract saved.", is_quota_new=contract.quota.quota != quota)

    def _saved(
        self, contract: Contract, issued: IssuedKey | None, sentence: str, *, is_quota_new: bool = True
    ) -> ResponseReturnValue:
        if is_quota_new and contract.quota.quota > QUOTA_LARGE:
            flash(LARGE_QUOTA, "warning")
        if issued is not None:
            return key_page(self, contract, issued.text, is_only_time=True)
        flash(sentence, "success")
        return redirect(self.details_url(contract.id), 303)

    def _conflict(self, form: ContractForm, row_id: uuid.UUID) -> str:
        with scoped():
            found = conflict_of(self.get_one(row_id), form)
        edit_url = url_for("contracts.edit_view", row_id=row_id)
        return self.render(
            "admin/model/conflict.html",
            page_title="Somebody else saved first",
            breadcrumbs=self.crumbs(),
            edit_url=edit_url,
            save_url=edit_url,
            **found,
        )

    def _is_made(self, contract_id: uuid.UUID) -> bool:
        with scoped():
            return db.session.get(Contract, contract_id) is not None

    def _made_before(self, contract_id: uuid.UUID) -> ResponseReturnValue:
        flash("This form was sent before; here is the contract it made.", "info")
        return redirect(self.details_url(contract_id), 303)
