"""Products: what is licensed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import url_for

from admin_app.forms.catalog import ProductForm
from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.base import ServiceModelView
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, contains, fixed
from admin_app.views.page import Action, Card, Column, EmptyState, Fact, Link, Option, Row, Section
from admin_app.visit import actor, visitor
from shared.models import Product
from shared.services import products


class Products(ExportedList, ServiceModelView):
    """List, create, edit and show products."""

    noun = ("product", "products")
    writing = Permission.EDIT_PRODUCTS
    form = ProductForm
    form_sections = (Section(title="Product", fields=("name", "code", "status")),)
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
            Fact(label="Created", value=model.created_at, kind="time"),
            Fact(label="Generators", value=self._list_of("generators", model), kind="link"),
            Fact(label="Contracts", value=self._list_of("contracts", model), kind="link"),
        )
        return {
            "page_title": model.name,
            "status": words.gate(model.status),
            "breadcrumbs": self.crumbs(),
            "cards": [Card(title="Product", facts=facts)],
            "page_actions": self.edit_actions(model.id),
            "primary_action": self._next_step(model),
        }

    def make(self, form: Any) -> Product:
        return products.create(environment_id=visitor().environment_id, fields=form.data, by=actor())

    def amend(self, form: Any, row_id: uuid.UUID) -> Product:
        return products.amend(product_id=row_id, fields=form.data, by=actor())

    def _list_of(self, noun: str, product: Product) -> Link:
        return Link(label=f"Show its {noun}", url=url_for(f"{noun}.index_view", product=product.id))

    def _next_step(self, product: Product) -> Action | None:
        if not visitor().may(Permission.EDIT_GENERATORS):
            return None
        url = url_for("generators.create_view", product_id=product.id)
        return Action(label="Create generator", url=url, icon="plus", tone="primary")
