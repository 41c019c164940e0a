"""Generators: how keys look, with a sample and their strength."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import url_for

from admin_app.forms.base import uuid_of
from admin_app.forms.catalog import GeneratorForm
from admin_app.permissions import Permission
from admin_app.views import choices, words
from admin_app.views.base import ServiceModelView
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, ListFilter, contains, fixed
from admin_app.views.page import Action, Card, Column, EmptyState, Fact, Link, Locked, Option, Row, Section
from admin_app.visit import actor, visitor
from shared.errors import InvalidInput
from shared.models import Generator, Product
from shared.services import generators
from shared.services.license_keys import KeyFormat, make_batch, strength_bits

FORMAT_NAMES = {"pattern": "Pattern", "uuid": "UUID"}
PRODUCT_FIXED = "A generator stays with its product: licenses and contracts rely on it."


class Generators(ExportedList, ServiceModelView):
    """List, create, edit and show generators."""

    noun = ("generator", "generators")
    writing = Permission.EDIT_GENERATORS
    form = GeneratorForm
    form_sections = (
        Section(title="Generator", fields=("product_id", "name", "status")),
        Section(title="Keys", fields=("format", "pattern", "alphabet")),
        Section(title="License terms", fields=("features", "activation_limit"), help="A contract may override them"),
    )
    columns = (
        Column(key="name", label="Name", kind="link", sort="name"),
        Column(key="product", label="Product"),
        Column(key="keys", label="Keys"),
        Column(key="limit", label="Activations", kind="number"),
        Column(key="status", label="Status", kind="badge"),
        Column(key="created", label="Created", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {"name": Generator.name, "created": Generator.id}
    sort_options = (Option("-created", "Newest first"), Option("name", "Name, A to Z"))
    list_filters = (
        fixed("status", "Status", Generator.status, {"active": "Active", "inactive": "Inactive"}),
        ListFilter(
            name="product", label="Product", expression=Generator.product_id, choices=choices.products_by_id,
            read=uuid.UUID,
        ),
    )  # fmt: skip
    search_label = "Search name"

    def first_use(self) -> EmptyState:
        return EmptyState(
            title="No generators yet",
            text="A generator says how the keys of a product look and what a license allows.",
            icon="key",
            action=self.create_action(),
        )

    def export_columns(self) -> Mapping[str, Expression]:
        product = sa.select(Product.name).where(Product.id == Generator.product_id).scalar_subquery()
        return {
            "Name": Generator.name, "Uuid": Generator.id, "Product": product, "Status": Generator.status,
            "Format": Generator.format, "Pattern": Generator.pattern, "Alphabet": Generator.alphabet,
            "Activation limit": Generator.activation_limit, "Features": Generator.features,
            "Created": Generator.created_at,
        }  # fmt: skip

    def search_condition(self, term: str) -> Condition:
        return contains(term, Generator.name)

    def row(self, *result: Any) -> Row:
        (generator,) = result
        return Row(
            id=str(generator.id),
            label=generator.name,
            cells={
                "name": Link(label=generator.name, url=self.details_url(generator.id)),
                "product": generator.product.name,
                "keys": generator.pattern or FORMAT_NAMES[generator.format],
                "limit": generator.activation_limit,
                "status": words.gate(generator.status),
                "created": generator.created_at,
            },
            actions=self.row_actions(generator.id),
        )

    def details(self, model: Generator) -> Mapping[str, Any]:
        return {
            "page_title": model.name,
            "status": words.gate(model.status),
            "breadcrumbs": self.crumbs(),
            "cards": [_keys_card(model), _terms_card(model)],
            "page_actions": self.edit_actions(model.id),
            "primary_action": _next_step(model),
        }

    def prepare(self, form: Any, model: Generator | None = None) -> None:
        if model is None:
            form.product_id.choices = choices.active_products()
        else:
            del form.product_id

    def typed(self, model: Generator) -> Mapping[str, Any]:
        return {**super().typed(model), "features": json.dumps(model.features, indent=2, ensure_ascii=False)}

    def form_context(self, model: Generator | None = None) -> Mapping[str, Any]:
        if model is None:
            return {}
        first, *others = self.form_sections
        return {
            "locked_fields": [Locked(label="Product", value=model.product.name, reason=PRODUCT_FIXED)],
            "sections": [Section(title=first.title, fields=first.fields[1:]), *others],
        }

    def make(self, form: Any) -> Generator:
        product_id = uuid_of(form.product_id.data)
        if product_id is None:
            raise InvalidInput(product_id="Choose a product.")
        return generators.create(product_id=product_id, fields=form.data, by=actor())

    def amend(self, form: Any, row_id: uuid.UUID) -> Generator:
        return generators.amend(generator_id=row_id, fields=form.data, by=actor())


def _next_step(generator: Generator) -> Action | None:
    if not visitor().may(Permission.EDIT_CONTRACTS):
        return None
    url = url_for("contracts.create_view", product_id=generator.product_id, generator_id=generator.id)
    return Action(label="Create contract", url=url, icon="plus", tone="primary")


def _keys_card(generator: Generator) -> Card:
    shape = KeyFormat(generator.format, generator.pattern, generator.alphabet)
    sample = make_batch(shape, 1).keys[0]
    return Card(
        title="Keys",
        facts=(
            Fact(label="Format", value=FORMAT_NAMES[generator.format]),
            Fact(label="Pattern", value=generator.pattern),
            Fact(label="Sample", value=sample, note="Made for this page only; it opens nothing."),
            Fact(label="Strength", value=f"{strength_bits(shape):.0f} bits", note="64 bits are the least."),
        ),
    )


def _terms_card(generator: Generator) -> Card:
    return Card(
        title="License terms",
        facts=(
            Fact(label="Product", value=generator.product.name),
            Fact(label="Activation limit", value=generator.activation_limit, kind="number"),
            *(Fact(label=name, value=words.value(found)) for name, found in generator.features.items()),
            Fact(label="Created", value=generator.created_at, kind="time"),
        ),
    )
