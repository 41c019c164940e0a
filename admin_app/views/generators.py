"""Generators: how keys look, with samples and their strength, and what stands on each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import request, url_for

from admin_app.forms.base import uuid_of
from admin_app.forms.catalog import GeneratorForm
from admin_app.permissions import Permission
from admin_app.views import choices, generator_cards, use, words
from admin_app.views.catalog import CatalogView
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, ListFilter, contains, fixed
from admin_app.views.generator_cards import FORMAT_NAMES
from admin_app.views.key_preview import SAMPLES, preview_of, shape_of, typed_shape
from admin_app.views.page import Action, Column, EmptyState, Link, Locked, Option, Row, Section
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.errors import InvalidInput
from shared.models import Contract, Generator, Product
from shared.services import generators, usage
from shared.services.license_keys import KeyFormat, make_batch
from shared.services.usage import Usage

PRODUCT_FIXED = "A generator stays with its product: licenses and contracts rely on it."


class Generators(ExportedList, CatalogView):
    """List, create, edit, switch, retire, delete and show generators."""

    noun = ("generator", "generators")
    writing = Permission.EDIT_GENERATORS
    form = GeneratorForm
    form_sections = (
        Section(title="Generator", fields=("product_id", "name")),
        Section(title="License terms", fields=("features", "activation_limit"), help="A contract may override them"),
        Section(title="Keys", fields=("format", "pattern", "alphabet")),
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
        fixed("status", "Status", Generator.status, {"active": "Active", "inactive": "Inactive", "retired": "Retired"}),
        ListFilter(
            name="product", label="Product", expression=Generator.product_id, choices=choices.products_by_id,
            read=uuid.UUID,
        ),
    )  # fmt: skip
    search_label = "Search name"
    create_template = edit_template = "generators/form.html"
    details_template = "generators/view.html"

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
        states = self.contract_states(model)
        return {
            "page_title": model.name,
            "status": words.gate(model.status),
            "breadcrumbs": self.crumbs(),
            "cards": [
                generator_cards.overview(model),
                generator_cards.keys(model),
                generator_cards.terms(model),
                use.card("generator", model.id, self.uses(model), states),
            ],
            "preview": {"samples": make_batch(shape_of(model), SAMPLES).keys, "problem": "", "warnings": []},
            "notice": generator_cards.notice(model, states["active"]),
            "page_actions": self.page_actions(model),
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
        preview = {"form_opts": {"widget_args": _follow_typing(model)}}
        with scoped():
            preview["preview"] = _preview(model)
            in_use = self.uses(model).contracts if model else 0
        if model is None:
            return preview
        first, *others = self.form_sections
        stands = words.counted(in_use, "contract stands on it", "contracts stand on it")
        return {
            **preview,
            "in_use": f"{stands}. What you change holds for licenses made from now on." if in_use else "",
            "locked_fields": [Locked(label="Product", value=model.product.name, reason=PRODUCT_FIXED)],
            "sections": [Section(title=first.title, fields=first.fields[1:]), *others],
        }

    def make(self, form: Any) -> Generator:
        product_id = uuid_of(form.product_id.data)
        if product_id is None:
            raise InvalidInput(product_id="Choose a product.")
        return generators.create(product_id=product_id, fields=form.fields(), by=actor())

    def amend(self, form: Any, row_id: uuid.UUID) -> Generator:
        return generators.amend(generator_id=row_id, fields=form.fields(), by=actor(), version=form.opened_version())

    def uses(self, model: Generator) -> Usage:
        return usage.of_generator(model)

    def contract_states(self, model: Generator) -> dict[str, int]:
        return use.contract_states(Contract.generator_id, model.id)

    def set_status(self, row_id: uuid.UUID, status: str) -> Generator:
        return generators.amend(generator_id=row_id, fields={"status": status}, by=actor())

    def remove(self, row_id: uuid.UUID) -> str:
        """Retire when the page asked about that; delete only what was never used."""
        if request.form.get("how") == "retire":
            gone = generators.retire(generator_id=row_id, by=actor(), at=clock.now())
            return f"{gone.name} is retired. Give its contracts another generator."
        gone = generators.delete(generator_id=row_id, by=actor(), at=clock.now())
        return f"{gone.name} is deleted. It was never used."

    def question(self, model: Generator) -> dict[str, Any]:
        return generator_cards.question(model, self.uses(model))


def _next_step(generator: Generator) -> Action | None:
    if generator.status != "active" or not visitor().may(Permission.EDIT_CONTRACTS):
        return None
    url = url_for("contracts.create_view", product_id=generator.product_id, generator_id=generator.id)
    return Action(label="Create contract", url=url, icon="plus", tone="primary")


def _preview(model: Generator | None) -> dict[str, Any]:
    """Return the preview of what was sent, or of the row, or of the form's first values."""
    sent = request.values
    if "format" in sent:
        shape = typed_shape(sent["format"], sent.get("pattern", ""), sent.get("alphabet", "unambiguous"))
    elif model is not None:
        shape = shape_of(model)
    else:
        shape = KeyFormat("pattern", str(GeneratorForm().pattern.data), "unambiguous")
    return preview_of(shape, of=model)


def _follow_typing(model: Generator | None) -> dict[str, dict[str, str]]:
    """Return attributes by which the preview follows the fields; without scripts a button asks for it."""
    url = url_for("generators.edit_view", row_id=model.id) if model else url_for("generators.create_view")
    follow = {
        "hx-get": url, "hx-trigger": "input changed delay:300ms, change", "hx-target": "#key-preview",
        "hx-select": "#key-preview", "hx-swap": "outerHTML", "hx-include": "#format, #pattern, #alphabet",
        "hx-sync": "closest form:replace",
    }  # fmt: skip
    return dict.fromkeys(("format", "pattern", "alphabet"), follow)
