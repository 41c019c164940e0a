"""Products: what is licensed, and what stands on each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import url_for

from admin_app.forms.catalog import ProductForm
from admin_app.permissions import Permission
from admin_app.views import use, words
from admin_app.views.catalog import CatalogView
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, contains, fixed
from admin_app.views.page import Action, Card, Column, EmptyState, Fact, Link, Option, Row, Section
from admin_app.visit import actor, visitor
from shared import clock
from shared.errors import InUse
from shared.models import Contract, Product
from shared.services import products, usage
from shared.services.usage import Usage

MEANINGS = {
    "active": "Its active contracts may generate.",
    "inactive": "Every contract of it generates nothing until it is active again. Licenses stay as they are.",
}


class Products(ExportedList, CatalogView):
    """List, create, edit, switch, delete and show products."""

    noun = ("product", "products")
    writing = Permission.EDIT_PRODUCTS
    form = ProductForm
    form_sections = (Section(title="Product", fields=("name", "code")),)
    columns = (
        Column(key="name", label="Name", kind="link", sort="name"),
        Column(key="code", label="Code", sort="code"),
        Column(key="status", label="Status", kind="badge"),
        Column(key="created", label="Created", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {"name": Product.name, "code": Product.code, "created": Product.id}
    sort_options = (
        Option("-created", "Newest first"),
        Option("name", "Name, A to Z"),
        Option("code", "Code, A to Z"),
    )
    list_filters = (fixed("status", "Status", Product.status, {"active": "Active", "inactive": "Inactive"}),)
    search_label = "Search name or code"

    def first_use(self) -> EmptyState:
        return EmptyState(
            title="No products yet",
            text="A product is what you license. Generators and contracts belong to one.",
            icon="package",
            action=self.create_action(),
        )

    def export_columns(self) -> Mapping[str, Expression]:
        return {
            "Name": Product.name, "Uuid": Product.id, "Code": Product.code, "Status": Product.status,
            "Created": Product.created_at,
        }  # fmt: skip

    def search_condition(self, term: str) -> Condition:
        return contains(term, Product.name, Product.code)

    def row(self, *result: Any) -> Row:
        (product,) = result
        return Row(
            id=str(product.id),
            label=product.name,
            cells={
                "name": Link(label=product.name, url=self.details_url(product.id)),
                "code": product.code,
                "status": words.gate(product.status),
                "created": product.created_at,
            },
            actions=self.row_actions(product.id),
        )

    def details(self, model: Product) -> Mapping[str, Any]:
        facts = (
            Fact(label="Product uuid", value=str(model.id), kind="mono"),
            Fact(label="Code", value=model.code),
            Fact(label="Status", value=words.gate(model.status), kind="badge", note=MEANINGS[model.status]),
            Fact(label="Created", value=model.created_at, kind="time"),
            Fact(label="Last updated", value=model.updated_at, kind="time"),
        )
        return {
            "page_title": model.name,
            "status": words.gate(model.status),
            "breadcrumbs": self.crumbs(),
            "cards": [
                Card(title="Product", facts=facts),
                use.card("product", model.id, self.uses(model), self.contract_states(model)),
            ],
            "page_actions": self.page_actions(model),
            "primary_action": self._next_step(model),
        }

    def make(self, form: Any) -> Product:
        return products.create(environment_id=visitor().environment_id, fields=form.fields(), by=actor())

    def amend(self, form: Any, row_id: uuid.UUID) -> Product:
        return products.amend(product_id=row_id, fields=form.fields(), by=actor(), version=form.opened_version())

    def uses(self, model: Product) -> Usage:
        return usage.of_product(model)

    def contract_states(self, model: Product) -> dict[str, int]:
        return use.contract_states(Contract.product_id, model.id)

    def set_status(self, row_id: uuid.UUID, status: str) -> Product:
        return products.amend(product_id=row_id, fields={"status": status}, by=actor())

    def remove(self, row_id: uuid.UUID) -> str:
        gone = products.delete(product_id=row_id, by=actor(), at=clock.now())
        return f"{gone.name} is deleted. Its code is free again."

    def question(self, model: Product) -> dict[str, Any]:
        uses = self.uses(model)
        if uses.is_any:
            off = Action(label="Deactivate it instead", url=url_for("products.ask_deactivate", row_id=model.id))
            return {
                "page_title": f"{model.name} is in use",
                "sentence": f"{InUse(name=model.name, uses=uses.in_words())} Inactive, it stops its contracts.",
                "consequences": [("Used by", use.used_by("product", model.id, uses))],
                "instead": off if model.status == "active" else None,
                "action_url": "",
            }
        return {
            "page_title": f"Delete {model.name}",
            "sentence": f"Nothing stands on it. Its code {model.code} can be used again afterwards.",
            "action_url": url_for("products.delete_view", row_id=model.id),
            "action_label": "Delete product",
            "is_danger": True,
        }

    def _next_step(self, product: Product) -> Action | None:
        if not visitor().may(Permission.EDIT_GENERATORS):
            return None
        url = url_for("generators.create_view", product_id=product.id)
        return Action(label="Create generator", url=url, icon="plus", tone="primary")
