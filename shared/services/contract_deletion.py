"""Deleting a contract for good: what stands in the way, what goes with it, and what it leaves (SPEC C-13)."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.db import db
from shared.errors import ContractStillActive, InvalidInput, JobUnderWay
from shared.models import AuditEntry, Contract, ContractKey, Generation, Job, License, WebhookEndpoint
from shared.services import audit, contracts
from shared.services.audit import Actor

UNFINISHED = ("queued", "running")


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """How much hangs on a contract: what goes with it and what stays."""

    keys: int
    webhooks: int
    generations: int
    licenses: dict[str, int]
    entries: int


def delete(*, contract_id: uuid.UUID, typed_name: str, by: Actor, at: datetime) -> Contract:
    """Turn an inactive contract into a tombstone and delete its keys and webhook; licenses and history stay.

    The caller forgets its rate windows after the commit. ``typed_name`` must be the name, letter by letter; only how
    wide its blanks are does not matter, because no browser shows or sends them as they are stored.

    Raises:
        NotFound: there is no such contract, or it was deleted already.
        ContractStillActive, JobUnderWay: what has to end first.
        InvalidInput: another name was typed.

    """
    contract = contracts.get_locked(contract_id=contract_id)
    # From here on nothing is accepted: every generation waits for this row and then finds it closed.
    counters = contracts.lock_counters(contract)
    ensure_deletable(contract)
    if not _is_name(typed_name, contract.name):
        raise InvalidInput(typed_name="This is not the name of the contract. Type it exactly as it is shown.")
    keys = _delete_keys(contract.id)
    webhook = _delete_webhook(contract.id)
    counters.closed = True
    contract.deleted_at, contract.deleted_by, contract.updated_at = at, by.name, at
    contract.version += 1
    changes = {
        "name": contract.name,
        "quota": counters.quota,
        "used": counters.used,
        "keys_deleted": keys,
        "webhook_deleted": webhook,
    }
    audit.record(action="contract.deleted", subject=f"contract:{contract.id}", by=by, contract=contract,
                 changes=changes)  # fmt: skip
    db.session.flush()
    return contract


def ensure_deletable(contract: Contract) -> None:
    """Refuse while the contract generates or may. Raises ContractStillActive, JobUnderWay."""
    if contract.status == "active":
        raise ContractStillActive
    job = find_unfinished_job(contract_id=contract.id)
    if job is not None:
        raise JobUnderWay(job_id=str(job.id), status=job.status, done=job.done, total=job.total)


def find_unfinished_job(*, contract_id: uuid.UUID) -> Job | None:
    """Return the oldest job of the contract that is queued or running, or None."""
    query = sa.select(Job).where(Job.contract_id == contract_id, Job.status.in_(UNFINISHED))
    return db.session.scalar(query.order_by(Job.id).limit(1))


def find_deleted(*, contract_id: uuid.UUID) -> Contract | None:
    """Return the tombstone of that id in the scoped environment, or None."""
    return db.session.scalar(sa.select(Contract).where(Contract.id == contract_id, Contract.deleted_at.is_not(None)))


def holdings_of(contract: Contract) -> Holdings:
    """Return how much hangs on ``contract`` now."""
    here, own = contract.environment_id, contract.id
    states = (
        sa.select(License.status, sa.func.count().label("n"))
        .where(License.environment_id == here, License.contract_id == own)
        .group_by(License.status)
    )
    return Holdings(
        keys=_count(ContractKey, ContractKey.contract_id == own),
        webhooks=_count(WebhookEndpoint, WebhookEndpoint.contract_id == own),
        generations=_count(Generation, Generation.environment_id == here, Generation.contract_id == own),
        licenses={row.status: row.n for row in db.session.execute(states)},
        entries=_count(AuditEntry, AuditEntry.contract_id == own),
    )


def _count(model: type, *conditions: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def _delete_keys(contract_id: uuid.UUID) -> int:
    """Delete every key and, by cascade, its secret; in the order in which the log of calls notes their use."""
    locked = sa.select(ContractKey.id).filter_by(contract_id=contract_id).order_by(ContractKey.id).with_for_update()
    ids = db.session.scalars(locked).all()
    db.session.execute(sa.delete(ContractKey).where(ContractKey.id.in_(ids)))
    return len(ids)


def _delete_webhook(contract_id: uuid.UUID) -> bool:
    """Delete the receiver's address and, by cascade, its signing secret; tell whether there was one."""
    gone = sa.delete(WebhookEndpoint).filter_by(contract_id=contract_id).returning(WebhookEndpoint.contract_id)
    return db.session.execute(gone).first() is not None


def _is_name(typed: str, name: str) -> bool:
    return _plain(typed) == _plain(name)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
