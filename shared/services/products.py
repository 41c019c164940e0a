"""Products: create, amend and delete (SPEC 1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.db import broken_constraint, db
from shared.errors import InUse, InvalidInput, NotFound, StaleVersion
from shared.models import Product
from shared.models.product import STATUSES
from shared.services import audit, usage
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


def amend(*, product_id: uuid.UUID, fields: Mapping[str, Any], by: Actor, version: int | None = None) -> Product:
    """Change a product; an inactive one stops its contracts (SPEC C-4).

    Raises:
        InvalidInput: naming each field; NotFound.
        StaleVersion: it is no longer at ``version``, when that is given.

    """
    product = _get_locked(product_id, key_share=True)
    if version not in {None, product.version}:
        raise StaleVersion
    values = _cleaned({name: fields.get(name, getattr(product, name)) for name in FIELDS})
    changes = audit.differences(product, values)
    for name in changes:
        setattr(product, name, values[name])
    if changes:
        product.version, product.updated_at = product.version + 1, sa.func.now()
    _flush(product)
    if changes:
        audit.record(action="product.amended", subject=f"product:{product.id}", by=by,
                     environment_id=product.environment_id, changes=changes)  # fmt: skip
    return product


def delete(*, product_id: uuid.UUID, by: Actor, at: datetime) -> Product:
    """Turn a product that nothing stands on into a tombstone; its code is free again (SCHEMA 5).

    Raises:
        InUse: by a live generator or contract, or by any license.
        NotFound: there is no such product.

    """
    product = _get_locked(product_id)
    uses = usage.of_product(product)
    if uses.is_any:
        raise InUse(name=product.name, uses=uses.in_words())
    product.deleted_at, product.deleted_by = at, by.name
    audit.record(action="product.deleted", subject=f"product:{product.id}", by=by,
                 environment_id=product.environment_id,
                 changes={"code": product.code, "name": product.name})  # fmt: skip
    return product


def _get_locked(product_id: uuid.UUID, *, key_share: bool = False) -> Product:
    """Return the live product, locked: whole, against new generators and contracts, or with ``key_share``."""
    found = sa.select(Product).filter_by(id=product_id, deleted_at=None)
    product = db.session.scalar(found.with_for_update(key_share=key_share))
    if product is None:
        raise NotFound("No product")
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
