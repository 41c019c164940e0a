"""Products and generators as choices of a select, read in the environment of the transaction."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from admin_app.visit import visitor
from shared.db import db
from shared.models import Generator, Product

Choices = dict[str, str]


def products_by_id(_selected: str = "") -> Mapping[str, str]:
    """Return every live product of the environment, id → name, in the order of names."""
    return {str(row.id): row.name for row in _products()}


def active_products() -> Choices:
    """Return the products a new thing may be made for, behind a first choice of none."""
    return {"": "Choose a product", **{str(row.id): row.name for row in _products() if row.status == "active"}}


def active_generators(*, product_id: uuid.UUID | None, kept: uuid.UUID | None = None) -> dict[str, str | Choices]:
    """Return the generators one may choose, grouped by product: of one product, or of all while none is chosen.

    ``kept`` is offered too although it is inactive: a form must be able to leave what is there.
    """
    groups: dict[str, Choices] = defaultdict(dict)
    for generator in _generators():
        wanted = product_id is None or generator.product_id == product_id
        if wanted and (generator.id == kept or "active" == generator.status == generator.product.status):
            is_usable = generator.status == "active"
            label = generator.name if is_usable else f"{generator.name} ({generator.status})"
            groups[generator.product.name][str(generator.id)] = label
    return {"": "Choose a generator", **groups}


def labels_of(choices: object) -> Choices:
    """Return value → label of the choices of a select, also of those that stand in groups."""
    groups = choices if isinstance(choices, dict) else {}
    found: Choices = {}
    for value, label in groups.items():
        found.update(label if isinstance(label, dict) else {value: label})
    return found


def _products() -> Sequence[Product]:
    query = sa.select(Product).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    return db.session.scalars(query.order_by(sa.func.lower(Product.name))).all()


def _generators() -> Sequence[Generator]:
    query = sa.select(Generator).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    return db.session.scalars(query.order_by(sa.func.lower(Generator.name))).all()
