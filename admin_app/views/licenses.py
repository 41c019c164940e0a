"""Licenses: the list with its search by key, and one license."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import url_for

from admin_app.forms.base import uuid_of
from admin_app.permissions import Permission
from admin_app.views import choices, words
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, ListFilter, Query
from admin_app.views.page import Action, Card, Column, EmptyState, Fact, Link, Option, Row
from admin_app.visit import visitor
from shared.db import db
from shared.models import Contract, Generation, Generator, License, Product
from shared.models.license import STATUSES
from shared.services.license_keys import canonical_of
from shared.services.usage import made_by

LAST_SYMBOL = chr(0x10FFFF)


def shown_key(key: str) -> str:
    """Return a license key as the signed-in person may see it (SPEC S-1)."""
    return key if visitor().may(Permission.SEE_KEYS) else words.masked_license_key(key)


def _chosen_contract(selected: str) -> Mapping[str, str]:
    """Return only the contract that is filtered by: there may be tens of thousands, and their pages link here."""
    contract_id = uuid_of(selected)
    name = db.session.scalar(sa.select(Contract.name).filter_by(id=contract_id)) if contract_id else None
    return {selected: name} if name else {}


def _chosen_generator(selected: str) -> Mapping[str, str]:
    """Return only the generator that is filtered by: its page links here."""
    generator_id = uuid_of(selected)
    name = db.session.scalar(sa.select(Generator.name).filter_by(id=generator_id)) if generator_id else None
    return {selected: name} if name else {}


class GeneratorFilter(ListFilter):
    """Licenses do not name their generator; their generations do."""

    def condition(self, value: str, column: Expression) -> Condition:
        """Return which licenses the generator made; a value that is no uuid fits none."""
        del column
        generator_id = uuid_of(value)
        return made_by(generator_id) if generator_id else sa.false()


class Licenses(ExportedList):
    """List and show licenses."""

    noun = ("license", "licenses")
    columns = (
        Column(key="key", label="Key", kind="mono"),
        Column(key="product", label="Product"),
        Column(key="source", label="Source", kind="link"),
        Column(key="status", label="Status", kind="badge"),
        Column(key="expires", label="Expires", kind="time", sort="expires"),
        Column(key="created", label="Created", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {"created": License.id, "expires": License.expires_at}
    sort_options = (
        Option("-created", "Newest first"),
        Option("created", "Oldest first"),
        Option("expires", "Expires soonest"),
    )
    list_filters = (
        ListFilter(
            name="status", label="State", expression=License.status, known=frozenset(STATUSES), is_counted=False,
            choices=lambda _selected: {status: status.capitalize() for status in STATUSES},
        ),
        ListFilter(
            name="product", label="Product", expression=License.product_id, read=uuid.UUID, is_counted=False,
            choices=choices.products_by_id,
        ),
        ListFilter(
            name="contract", label="Contract", expression=License.contract_id, read=uuid.UUID, is_counted=False,
            choices=_chosen_contract,
        ),
        ListFilter(
            name="generation", label="Generation", expression=License.generation_id, read=uuid.UUID, is_counted=False,
            choices=lambda selected: {selected: "This generation"} if selected else {},
        ),
        GeneratorFilter(
            name="generator", label="Generator", expression=License.generation_id, read=uuid.UUID, is_counted=False,
            choices=_chosen_generator,
        ),
        ListFilter(
            name="test", label="Test", expression=License.test, known=frozenset({"no", "yes"}), is_counted=False,
            choices=lambda _selected: {"no": "Without test licenses", "yes": "Test licenses only"}, read="yes".__eq__,
        ),
    )  # fmt: skip

    @property
    def search_label(self) -> str:  # type: ignore[override]
        return "Search key or its beginning" if visitor().may(Permission.SEE_KEYS) else "Search whole key"

    def first_use(self) -> EmptyState:
        contracts = Action(label="Go to contracts", url=url_for("contracts.index_view"))
        return EmptyState(
            title="No licenses yet", text="Licenses are generated from a contract.", icon="license", action=contracts
        )

    def base_query(self) -> Query:
        """Return licenses with the names of their product and contract, deleted ones too (SPEC K-3)."""
        return (
            sa.select(License, Product.name, Contract.name)
            .join(Product, Product.id == License.product_id)
            .outerjoin(Contract, Contract.id == License.contract_id)
            .where(License.environment_id == visitor().environment_id)
        )

    def export_columns(self) -> Mapping[str, Expression]:
        masked = sa.literal("••••").concat(sa.func.right(License.key, 4))
        return {
            "Key": License.key if visitor().may(Permission.SEE_KEYS) else masked, "Uuid": License.id,
            "Status": License.status, "Product": Product.name, "Contract": Contract.name, "Test": License.test,
            "Activations": License.activations, "Activation limit": License.activation_limit,
            "Created": License.created_at, "Expires": License.expires_at,
        }  # fmt: skip

    def export_search(self, term: str) -> str:
        """Keep no key in the audit trail, which those read too who may not see keys."""
        return words.masked_license_key(term)

    def search_condition(self, term: str) -> Condition:
        """Find a whole key in any spelling; its beginning only for those who may see keys: it would reveal them."""
        canonical = canonical_of(term)
        found = License.canonical == canonical
        if visitor().may(Permission.SEE_KEYS) and canonical:
            found = sa.and_(License.canonical >= canonical, License.canonical < canonical + LAST_SYMBOL)
        license_id = uuid_of(term)
        return sa.or_(found, License.id == license_id) if license_id else found

    def row(self, *result: Any) -> Row:
        license_, product_name, contract_name = result
        key = shown_key(license_.key)
        return Row(
            id=str(license_.id),
            label=key,
            cells={
                "key": key,
                "product": product_name,
                "source": _source(license_, contract_name),
                "status": _status(license_),
                "expires": license_.expires_at,
                "created": license_.created_at,
            },
            actions=self.row_actions(license_.id),
        )

    def details(self, model: License) -> Mapping[str, Any]:
        product = db.session.get_one(Product, model.product_id)
        contract = db.session.get(Contract, model.contract_id) if model.contract_id else None
        generation = db.session.get(Generation, model.generation_id) if model.generation_id else None
        terms = generation.terms if generation else {}
        features = model.features if model.features is not None else terms.get("features", {})
        facts = [
            Fact(label="Key", value=shown_key(model.key), kind="mono"),
            Fact(label="License uuid", value=str(model.id), kind="mono"),
            Fact(label="Product", value=product.name),
            Fact(label="Source", value=_source(model, contract.name if contract else None), kind="link"),
            Fact(label="Test license", value="yes" if model.test else "no"),
            Fact(label="Created", value=model.created_at, kind="time"),
        ]
        allowed = [
            Fact(label="Activations", value=f"{model.activations} of {model.activation_limit}"),
            Fact(label="Expires", value=model.expires_at or "never", kind="time" if model.expires_at else "text"),
            *(Fact(label=name, value=words.value(found)) for name, found in features.items()),
        ]
        return {
            "page_title": "License",
            "status": _status(model),
            "breadcrumbs": self.crumbs(),
            "cards": [Card(title="License", facts=facts), Card(title="What it allows", facts=allowed)],
        }


def _status(license_: License) -> Any:
    return words.gate(license_.status)


def _source(license_: License, contract_name: str | None) -> Link | None:
    if license_.contract_id is None:
        return None
    url = url_for("contracts.details_view", row_id=license_.contract_id)
    return Link(label=f"Contract: {contract_name}", url=url, note="test" if license_.test else "")
