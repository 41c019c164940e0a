"""What a contract says at this moment about making licenses: one read, never cached (SPEC C-3, C-4, C-7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared import db
from shared.errors import (
    ContractExpired,
    ContractInactive,
    GeneratorUnavailable,
    NotFound,
    ProductInactive,
)
from shared.models.contract import expiry_of
from shared.services.license_keys import KeyFormat

COLUMNS = """
    c.id AS contract_id, c.environment_id, c.name, c.type, c.product_id, c.generator_id, c.overrides,
    c.activation_limit AS own_activation_limit, c.expiry_kind, c.expiry_n, c.expiry_unit, c.expiry_date,
    c.test_until, c.activated_at, c.deleted_at, q.accepting, q.quota,
    p.status = 'active' AND p.deleted_at IS NULL AS product_usable,
    g.status = 'active' AND g.deleted_at IS NULL AS generator_usable,
    g.format, g.pattern, g.alphabet, g.features, g.activation_limit"""
TABLES = """
    contract c JOIN contract_quota q ON q.contract_id = c.id
    JOIN product p ON p.id = c.product_id JOIN generator g ON g.id = c.generator_id"""
_READ = f"SELECT {COLUMNS} FROM {TABLES} WHERE c.id = %(contract_id)s AND c.deleted_at IS NULL"  # noqa: S608 - constants


@dataclass(frozen=True, kw_only=True, slots=True)
class Blueprint:
    """The settings a generation works under."""

    contract_id: uuid.UUID
    environment_id: int
    name: str
    type: str
    product_id: uuid.UUID
    generator_id: uuid.UUID
    overrides: dict[str, Any]
    own_activation_limit: int | None
    expiry_kind: str
    expiry_n: int | None
    expiry_unit: str | None
    expiry_date: date | None
    test_until: datetime | None
    activated_at: datetime | None
    deleted_at: datetime | None
    accepting: bool
    quota: int
    product_usable: bool
    generator_usable: bool
    format: str
    pattern: str | None
    alphabet: str
    features: dict[str, Any]
    activation_limit: int

    @property
    def shape(self) -> KeyFormat:
        """Return how keys look."""
        return KeyFormat(self.format, self.pattern, self.alphabet)

    def expires_at(self, at: datetime) -> datetime | None:
        """Return when licenses accepted at ``at`` stop being good, or None for never (SPEC C-8)."""
        return expiry_of(
            kind=self.expiry_kind, n=self.expiry_n, unit=self.expiry_unit, last_day=self.expiry_date, at=at
        )

    def is_test_open(self, at: datetime) -> bool:
        """Tell whether a partner may make test licenses at ``at`` (SPEC C-11)."""
        return self.accepting or self.activated_at is None or (self.test_until is not None and at < self.test_until)


def get_blueprint(*, contract_id: uuid.UUID) -> Blueprint:
    """Return the blueprint of a live contract.

    Raises:
        NotFound: there is no such contract, or it was deleted.

    """
    row = db.first(_READ, contract_id=contract_id)
    if row is None:
        raise NotFound("No contract")
    return Blueprint(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def ensure_active(blueprint: Blueprint, *, at: datetime, test: bool = False, by_staff: bool = False) -> None:
    """Refuse unless the contract is active, or open for test licenses when ``test`` (SPEC C-3, C-11).

    Raises:
        ContractInactive: it may not generate now.

    """
    if blueprint.accepting or (test and (by_staff or blueprint.is_test_open(at))):
        return
    raise ContractInactive


def ensure_usable(blueprint: Blueprint, *, at: datetime) -> None:
    """Refuse when the date has passed, or product or generator cannot be used (SPEC C-4).

    Raises:
        ContractExpired, ProductInactive, GeneratorUnavailable: whichever holds, in this order.

    """
    if blueprint.expiry_date is not None and blueprint.expiry_date < at.date():
        raise ContractExpired(date=blueprint.expiry_date.isoformat())
    if not blueprint.product_usable:
        raise ProductInactive
    if not blueprint.generator_usable:
        raise GeneratorUnavailable
