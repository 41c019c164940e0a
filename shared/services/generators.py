"""Generators: create, amend, retire and delete; a format too weak for guessing is refused (SPEC K-1, K-2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.db import broken_constraint, db
from shared.errors import InUse, InvalidInput, NotFound, Retired, StaleVersion
from shared.models import Generator, Product
from shared.models.generator import ALPHABETS, FORMATS
from shared.models.product import STATUSES
from shared.services import audit, usage
from shared.services.audit import Actor
from shared.services.fields import INTEGER_MOST, Reading, json_object, name_of, one_of, whole
from shared.services.license_keys import KeyFormat, ensure_strong

FIELDS = ("name", "format", "pattern", "alphabet", "features", "activation_limit", "status")


def create(*, product_id: uuid.UUID, fields: Mapping[str, Any], by: Actor) -> Generator:
    """Make a generator for a live product of the scoped environment. Raises InvalidInput, NotFound."""
    found = sa.select(Product).filter_by(id=product_id, deleted_at=None)
    product = db.session.scalar(found.with_for_update(read=True, key_share=True))  # not deleted meanwhile
    if product is None:
        raise NotFound("No product")
    generator = Generator(id=uuid7(), product_id=product.id, environment_id=product.environment_id, **_cleaned(fields))
    db.session.add(generator)
    _flush(generator)
    audit.record(action="generator.created", subject=f"generator:{generator.id}", by=by,
                 environment_id=product.environment_id, changes={"name": generator.name})  # fmt: skip
    return generator


def amend(*, generator_id: uuid.UUID, fields: Mapping[str, Any], by: Actor, version: int | None = None) -> Generator:
    """Change a generator; new licenses only are affected (SPEC C-7).

    Raises:
        InvalidInput: naming each field; NotFound.
        Retired: it is retired, which is for good.
        StaleVersion: it is no longer at ``version``, when that is given.

    """
    generator = _get_locked(generator_id, key_share=True)
    _ensure_not_retired(generator)
    if version not in {None, generator.version}:
        raise StaleVersion
    values = _cleaned({**{name: getattr(generator, name) for name in FIELDS}, **fields})
    changes = audit.differences(generator, values)
    for name in changes:
        setattr(generator, name, values[name])
    if changes:
        generator.version, generator.updated_at = generator.version + 1, sa.func.now()
    _flush(generator)
    if changes:
        audit.record(action="generator.amended", subject=f"generator:{generator.id}", by=by,
                     environment_id=generator.environment_id, changes=changes)  # fmt: skip
    return generator


def delete(*, generator_id: uuid.UUID, by: Actor, at: datetime) -> Generator:
    """Turn a generator that was never used into a tombstone; its name is free again (SCHEMA 5).

    Raises:
        InUse: a contract has it, a deleted one included, or licenses were made by it; it can be retired.
        NotFound: there is no such generator.

    """
    generator = _get_locked(generator_id)
    uses = usage.of_generator(generator)
    if usage.was_ever_used(generator):
        raise InUse(name=generator.name, uses=uses.in_words() or "the history of contracts")
    generator.deleted_at, generator.deleted_by = at, by.name
    audit.record(action="generator.deleted", subject=f"generator:{generator.id}", by=by,
                 environment_id=generator.environment_id, changes={"name": generator.name})  # fmt: skip
    return generator


def retire(*, generator_id: uuid.UUID, by: Actor, at: datetime) -> Generator:
    """Retire a generator for good: its contracts generate nothing until they are given another (SPEC C-4).

    Raises:
        Retired: it is already; NotFound.

    """
    generator = _get_locked(generator_id)
    _ensure_not_retired(generator)
    before, generator.status = generator.status, "retired"
    generator.version, generator.updated_at = generator.version + 1, at
    stopped = usage.of_generator(generator).contracts
    audit.record(action="generator.retired", subject=f"generator:{generator.id}", by=by,
                 environment_id=generator.environment_id,
                 changes={"status": [before, "retired"], "contracts": stopped})  # fmt: skip
    return generator


def _get_locked(generator_id: uuid.UUID, *, key_share: bool = False) -> Generator:
    """Return the live generator, locked: whole, against being chosen anew, or with ``key_share``."""
    found = sa.select(Generator).filter_by(id=generator_id, deleted_at=None)
    generator = db.session.scalar(found.with_for_update(of=Generator, key_share=key_share))
    if generator is None:
        raise NotFound("No generator")
    return generator


def _ensure_not_retired(generator: Generator) -> None:
    if generator.status == "retired":
        raise Retired


def find_by_name(*, product_id: uuid.UUID, name: str) -> Generator | None:
    """Return the live generator of that name of a product that is not retired, or None."""
    return db.session.scalar(
        sa.select(Generator).where(
            Generator.product_id == product_id, sa.func.lower(Generator.name) == name.lower(),
            Generator.deleted_at.is_(None), Generator.status != "retired",
        )
    )  # fmt: skip


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    reading = Reading({name: fields.get(name) for name in FIELDS})
    reading.take("name", lambda value: name_of(value, most=200, needed="A generator needs a name."))
    reading.take("format", lambda value: one_of(value or "pattern", FORMATS))
    reading.take("alphabet", lambda value: one_of(value or "unambiguous", ALPHABETS))
    reading.take("pattern", lambda value: name_of(value, most=1000) or None)
    reading.take("features", lambda value: json_object(value or {}))
    reading.take("activation_limit", lambda value: whole(value, most=INTEGER_MOST) or 1)
    reading.take("status", lambda value: one_of(value or "active", STATUSES))
    values = reading.finish()
    values["pattern"] = values["pattern"] if values["format"] == "pattern" else None
    ensure_strong(KeyFormat(values["format"], values["pattern"], values["alphabet"]))
    return values


def _flush(generator: Generator) -> None:
    name = generator.name  # a failed flush leaves nothing to read
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) == "generator_name_live":
            raise InvalidInput(name=f"This product has a generator named {name!r} already.") from error
        raise
