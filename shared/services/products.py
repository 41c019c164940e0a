"""Products: create and amend (SPEC 1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.db import broken_constraint, db
from shared.errors import InvalidInput, NotFound
from shared.models import Product
from shared.models.product import STATUSES
from shared.services import audit
from shared.services.audit import Actor
from shared.services.fields import Reading, name_of, one_of

FIELDS = ("code", "name", "status")


def create(*, environment_id: int, fields: Mapping[str, Any], by: Actor) -> Product:
    """Make a product. Raises InvalidInput, naming each field."""
    product = Product(id=uuid7(), environment_id=environment_id, **_cleaned(fields))
    db.session.add(product)
    _flush(product)
    audit.record(action="product.created", subject=f"product:{product.id}", by=by, environment_id=environment_id,
                 changes={"code": product.code, "name": product.name})  # fmt: skip
    return product


def amend(*, product_id: uuid.UUID, fields: Mapping[str, Any], by: Actor) -> Product:
    """Change a product; an inactive one stops its contracts (SPEC C-4). Raises InvalidInput, NotFound."""
    product = db.session.scalar(
        sa.select(Product).filter_by(id=product_id, deleted_at=None).with_for_update(key_share=True)
    )
    if product is None:
        raise NotFound("No product")
    values = _cleaned({name: fields.get(name, getattr(product, name)) for name in FIELDS})
    changes = audit.differences(product, values)
    for name in changes:
        setattr(product, name, values[name])
    _flush(product)
    if changes:
        audit.record(action="product.amended", subject=f"product:{product.id}", by=by,
                     environment_id=product.environment_id, changes=changes)  # fmt: skip
    return product


def get_by_code(*, code: str) -> Product:
    """Return the live product of that code in the scoped environment. Raises NotFound."""
    product = db.session.scalar(
        sa.select(Product).where(sa.func.lower(Product.code) == code.lower(), Product.deleted_at.is_(None))
    )
    if product is None:
        raise NotFound(f"No product with code {code!r}")
    return product


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    reading = Reading({name: fields.get(name) for name in FIELDS})
    reading.take("code", lambda value: name_of(value, most=50, needed="A product needs a code."))
    reading.take("name", lambda value: name_of(value, most=200, needed="A product needs a name."))
    reading.take("status", lambda value: one_of(value or "active", STATUSES))
    return reading.finish()


def _flush(product: Product) -> None:
    code = product.code  # a failed flush leaves nothing to read
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) == "product_code_live":
            raise InvalidInput(code=f"Another product has the code {code!r}. Choose another code.") from error
        raise
