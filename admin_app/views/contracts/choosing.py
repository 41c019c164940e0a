"""What stands beside the fields of a contract's form: what the chosen generator makes, and what is missing first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for

from admin_app.forms.base import uuid_of
from admin_app.forms.contract import LARGE_QUOTA, QUOTA_LARGE, ContractForm
from admin_app.views import words
from admin_app.views.choices import labels_of
from admin_app.views.page import Link
from admin_app.visit import visitor
from shared.db import db
from shared.models import Contract, Generator
from shared.services.license_keys import KeyFormat, make_batch

PARTNERS_MOST = 500


def beside_of(form: ContractForm) -> dict[str, Any]:
    """Return what the form's template takes beside the form, read in the environment of the transaction."""
    return {
        "generator": _chosen(form),
        "missing": _missing(form),
        "partners": _partners(),
        "quota_large": QUOTA_LARGE,
        "quota_hint": LARGE_QUOTA,
    }


def reloads(url: str) -> dict[str, str]:
    """Return attributes by which a choice brings the generators it leaves, and what the chosen one makes."""
    return {
        "hx-get": url, "hx-trigger": "change", "hx-target": "#generator-choice", "hx-select": "#generator-choice",
        "hx-swap": "outerHTML", "hx-select-oob": "#feature-toggles", "hx-include": "#product_id, #generator_id",
    }  # fmt: skip


def _chosen(form: ContractForm) -> dict[str, Any] | None:
    """Return the facts of the chosen generator, or None while none of those offered is chosen."""
    generator_id = uuid_of(form.generator_id.data)
    if generator_id is None or str(generator_id) not in labels_of(form.generator_id.choices):
        return None
    generator = db.session.get(Generator, generator_id)
    return _facts(generator) if generator else None


def _facts(generator: Generator) -> dict[str, Any]:
    shape = KeyFormat(generator.format, generator.pattern, generator.alphabet)
    return {
        "name": generator.name,
        "url": url_for("generators.details_view", row_id=generator.id),
        "is_active": "active" == generator.status == generator.product.status,
        "activation_limit": generator.activation_limit,
        "key": make_batch(shape, 1).keys[0],
        "features": [_feature(name, generator.features[name]) for name in sorted(generator.features)],
    }


def _feature(name: str, value: Any) -> dict[str, str]:
    """Return a feature with the control it is overridden by: a switch, a number, a text, or JSON alone."""
    kinds = {bool: "switch", int: "number", float: "number", str: "text"}
    shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else words.value(value)
    return {"name": name, "kind": kinds.get(type(value), "json"), "value": shown}


def _missing(form: ContractForm) -> dict[str, Any] | None:
    """Return why there is nothing to choose and the way to what has to be made first, or None."""
    products, product_id = labels_of(form.product_id.choices), uuid_of(form.product_id.data)
    if product_id is None and not any(products):
        place = visitor().place.name.capitalize()
        link = Link(label="Create a product first", url=url_for("products.create_view"))
        return {"text": f"There is no active product in {place} to make licenses for.", "link": link}
    if any(labels_of(form.generator_id.choices)):
        return None
    if product_id is None:
        link = Link(label="See the generators", url=url_for("generators.index_view"))
        return {"text": "No product has an active generator. Activate one or make one first.", "link": link}
    name = products.get(str(product_id), "This product")
    link = Link(label="Create a generator first", url=url_for("generators.create_view", product_id=product_id))
    return {"text": f"{name} has no active generator.", "link": link}


def _partners() -> list[str]:
    """Return partners already named in the environment, to choose from while typing."""
    query = sa.select(Contract.partner).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    named = query.where(Contract.partner.is_not(None)).distinct().order_by(Contract.partner).limit(PARTNERS_MOST)
    return [name for name in db.session.scalars(named) if name]


def opened_with(args: Mapping[str, str]) -> dict[str, uuid.UUID]:
    """Return the generator chosen on a form that is open, where its link names one."""
    generator_id = uuid_of(args.get("generator_id"))
    return {"generator_id": generator_id} if generator_id else {}
