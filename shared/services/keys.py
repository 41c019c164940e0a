"""Contract keys: issue, rotate, revoke, switch (SPEC C-9, X-1); the gateway's door is in ``door``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.config import Settings
from shared.crypto import Sealed, SecretBox, digest, mask_key, new_key, ring_id
from shared.db import broken_constraint, db
from shared.errors import KeyInForce, NotFound
from shared.models import Contract, ContractKey, ContractKeySecret, Environment
from shared.services import audit, installation
from shared.services.audit import Actor


@dataclass(frozen=True)
class Keyring:
    """What turns a contract key into what is stored of it."""

    pepper: bytes
    box: SecretBox

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """Return the keyring of a process that may issue keys; the gateway never can."""
        return cls(settings.key_pepper[0], SecretBox(settings.secrets_keys))


@dataclass(frozen=True)
class IssuedKey:
    """A new key: ``text`` is shown once and kept nowhere in the clear."""

    row: ContractKey
    text: str


def issue(*, contract: Contract, by: Actor, keyring: Keyring) -> IssuedKey:
    """Make the current key of a contract that has none in force, and audit it. Raises KeyInForce when it has one."""
    issued = _make(contract, keyring)
    audit.record(action="contract_key.issued", subject=_subject(issued.row), by=by, contract=contract,
                 changes={"key": issued.row.masked})  # fmt: skip
    return issued


def rotate(*, contract: Contract, overlap: timedelta, by: Actor, keyring: Keyring) -> IssuedKey:
    """Make a new current key; the one before works for ``overlap`` longer, then stops (SPEC X-1).

    Raises:
        NotFound: the contract has no key to rotate.

    """
    current = find_current(contract_id=contract.id)
    if current is None:
        raise NotFound("No key")
    _end(contract.id, "previous")
    ends_at = sa.func.now() + overlap
    current.role, current.ends_at = ("previous", ends_at) if overlap else ("ended", sa.func.now())
    db.session.flush()
    issued = _make(contract, keyring)
    changes = {"key": [current.masked, issued.row.masked], "overlap_seconds": int(overlap.total_seconds())}
    audit.record(action="contract_key.rotated", subject=_subject(issued.row), by=by, contract=contract, changes=changes)
    return issued


def revoke(*, contract: Contract, by: Actor) -> None:
    """End every key of the contract now and for good.

    Raises:
        NotFound: no key is in force.

    """
    if not any([_end(contract.id, "previous"), _end(contract.id, "current")]):
        raise NotFound("No key")
    audit.record(action="contract_key.revoked", subject=f"contract:{contract.id}", by=by, contract=contract)


def reveal(*, contract: Contract, by: Actor, keyring: Keyring) -> str:
    """Return the current key in the clear; the caller commits this audit entry before anyone sees the key.

    Raises:
        RevealSwitchedOff: the installation shows no key a second time.
        NotFound: no key is in force.

    """
    installation.ensure_revealing()
    key = find_current(contract_id=contract.id)
    stored = db.session.get(ContractKeySecret, key.id) if key else None
    if key is None or stored is None:
        raise NotFound("No key")
    audit.record(action="contract_key.revealed", subject=_subject(key), by=by, contract=contract,
                 changes={"key": key.masked})  # fmt: skip
    return keyring.box.unseal(Sealed(stored.ring_id, stored.ciphertext), row_id=str(key.id))


def find_current(*, contract_id: uuid.UUID) -> ContractKey | None:
    """Return the current key of a contract, or None."""
    return db.session.scalar(sa.select(ContractKey).filter_by(contract_id=contract_id, role="current"))


def _make(contract: Contract, keyring: Keyring) -> IssuedKey:
    environment = db.session.get_one(Environment, contract.environment_id)
    key = new_key("live" if environment.tag == "live" else "test")
    row = ContractKey(
        id=uuid7(), contract_id=contract.id, public_id=key.public_id, digest=digest(key.text, keyring.pepper),
        pepper_id=ring_id(keyring.pepper), masked=mask_key(key.text), role="current",
    )  # fmt: skip
    db.session.add(row)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) == "contract_key_role_once":
            raise KeyInForce from error
        raise
    sealed = keyring.box.seal(key.text, row_id=str(row.id))
    db.session.add(ContractKeySecret(key_id=row.id, ring_id=sealed.ring_id, ciphertext=sealed.ciphertext))
    return IssuedKey(row, key.text)


def _end(contract_id: uuid.UUID, role: str) -> bool:
    ended = db.session.execute(
        sa.update(ContractKey)
        .filter_by(contract_id=contract_id, role=role)
        .values(role="ended", ends_at=sa.func.least(ContractKey.ends_at, sa.func.now()))
        .returning(ContractKey.id)
    )
    return ended.first() is not None


def _subject(key: ContractKey) -> str:
    return f"contract_key:{key.id}"
