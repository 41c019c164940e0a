"""The gateway's only door: which contract a key opens, from where, and under which limits (GATEWAY 2, rungs 3 to 5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from shared import db
from shared.crypto import KeyFormatError, digest, is_same, read_key, ring_id
from shared.errors import AddressNotAllowed, ApiAccessDisabled, InvalidKey, KeyNotForContract
from shared.net import Address, Network, contains
from shared.services import blueprint
from shared.services.blueprint import Blueprint

_READ = f"""
SELECT k.id AS key_id, k.public_id, k.digest, k.pepper_id, k.role, k.ends_at <= now() AS has_ended,
       e.name AS environment, c.api_access, c.allow, c.per_minute, c.per_hour, c.per_day, {blueprint.COLUMNS}
  FROM {blueprint.TABLES} JOIN contract_key k ON k.contract_id = c.id JOIN environment e ON e.id = c.environment_id
 WHERE k.public_id = %(public_id)s"""  # noqa: S608 - constants
LIMITS = ("per_minute", "per_hour", "per_day")
_BLUEPRINT_FIELDS = tuple(field.name for field in fields(Blueprint))


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """A caller whose key is good, and what the contract of that key says of callers."""

    key_id: uuid.UUID
    public_id: str
    environment: str
    api_access: bool
    allow: tuple[Network, ...]
    limits: dict[str, int]
    blueprint: Blueprint


def authenticate(*, key: str, peppers: tuple[bytes, ...]) -> Visitor:
    """Return who holds ``key``; one query, nothing cached (rung 3).

    Raises:
        InvalidKey: unknown, mistyped, ended or revoked key, or a deleted contract; the cause is for the log only.

    """
    try:
        public_id = read_key(key).public_id
    except KeyFormatError as error:
        raise InvalidKey("checksum") from error
    row = db.first(_READ, public_id=public_id)
    if row is None:
        raise InvalidKey("unknown")
    facts = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    pepper = next((pepper for pepper in peppers if ring_id(pepper) == facts["pepper_id"]), b"")
    if not is_same(digest(key, pepper), facts["digest"]):
        raise InvalidKey("unknown")
    if facts["role"] == "ended" or facts["has_ended"]:
        raise InvalidKey("revoked" if facts["role"] == "ended" else "expired")
    if facts["deleted_at"] is not None:
        raise InvalidKey("deleted")
    return Visitor(
        key_id=facts["key_id"], public_id=facts["public_id"], environment=facts["environment"],
        api_access=facts["api_access"], allow=tuple(facts["allow"]), limits=_limits(dict(facts)),
        blueprint=Blueprint(**{name: facts[name] for name in _BLUEPRINT_FIELDS}),
    )  # fmt: skip


def ensure_key_opens(visitor: Visitor, *, contract: str) -> None:
    """Refuse a uuid in the path that is not this key's; compared, never looked up (rung 4).

    Raises:
        KeyNotForContract: whether or not such a contract exists.

    """
    if contract != str(visitor.blueprint.contract_id):
        raise KeyNotForContract


def ensure_access(visitor: Visitor, *, address: Address) -> None:
    """Refuse when API access is off or the address is not listed (rung 5).

    Raises:
        ApiAccessDisabled, AddressNotAllowed: in this order.

    """
    if not visitor.api_access:
        raise ApiAccessDisabled
    if not contains(visitor.allow, address):
        raise AddressNotAllowed(address=str(address))


def _limits(facts: Mapping[str, Any]) -> dict[str, int]:
    return {name: limit for name in LIMITS if (limit := facts[name]) is not None}
