"""One function makes licenses, whatever the method: by hand, by API, on a schedule (SPEC C-6, G-1, G-2, G-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Row
from uuid_utils.compat import uuid7

from shared import db, failpoints, queue
from shared.errors import (
    Busy,
    ContractInactive,
    CountOutOfRange,
    DomainError,
    IdempotencyInProgress,
    KeysCollided,
    QuotaExceeded,
    TestLimitReached,
)
from shared.models.contract import TEST_LICENSES_MOST
from shared.services import generation_sql as sql
from shared.services.audit import Actor
from shared.services.blueprint import Blueprint, ensure_active, ensure_usable
from shared.services.idempotency import Claim, find_replay
from shared.services.license_keys import Batch, ensure_roomy, make_batch
from shared.services.outcome import Outcome

IMMEDIATE_MOST = 99
TEST_MOST = 5
TEST_LIFE = timedelta(days=7)
COLLISION_TRIES = 3

Method = Literal["manual", "api", "scheduled"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for: how many, how, by whom, and with which idempotency claim."""

    count: int
    method: Method
    by: Actor
    at: datetime
    test: bool = False
    reference: str | None = None
    claim: Claim | None = None

    @property
    def is_job(self) -> bool:
        """Tell whether the licenses are made in the background (SPEC G-1)."""
        return self.count > IMMEDIATE_MOST


def generate(*, blueprint: Blueprint, order: Order) -> Outcome:
    """Make the licenses of ``order`` now, or accept a job that will: all of them or none (SPEC C-5).

    Returns the licenses made (1 to 99), or the job with its quota reserved (100 and more), or the first answer
    again when the idempotency claim was used before for the same request.

    Raises:
        CountOutOfRange, ContractInactive, IdempotencyKeyReused, IdempotencyInProgress, LicensesPurged,
        ContractExpired, ProductInactive, GeneratorUnavailable, KeySpaceTooSmall, QuotaExceeded,
        TestLimitReached, KeysCollided, Busy: in this order of checks (GATEWAY 2, rungs 8 to 11).

    """
    _ensure_count(blueprint, order)
    ensure_active(blueprint, at=order.at, test=order.test, by_staff=order.method == "manual")
    replay = find_replay(blueprint, order.claim)
    if replay is not None:
        return replay
    ensure_usable(blueprint, at=order.at)
    ensure_roomy(blueprint.shape, quota=blueprint.quota)
    return _make(blueprint, order)


def ensure_remaining(*, blueprint: Blueprint, count: int) -> None:
    """Refuse when ``count`` is more than remains now; a look only, the statement decides.

    Raises:
        ContractInactive, QuotaExceeded: as ``generate`` would.

    """
    row = db.first(sql.COUNTERS, contract_id=blueprint.contract_id)
    if row is None or not row.accepting:
        raise ContractInactive
    if count > row.quota - row.used - row.reserved:
        raise _exceeded(count, row)


def _ensure_count(blueprint: Blueprint, order: Order) -> None:
    most = TEST_MOST if order.test else blueprint.quota
    if order.count < 1 or (order.test and order.count > most):
        raise CountOutOfRange(least=1, most=most)


def _make(blueprint: Blueprint, order: Order) -> Outcome:
    for _ in range(COLLISION_TRIES):
        batch = Batch([], [], []) if order.is_job else make_batch(blueprint.shape, order.count)
        values = _values(blueprint, order, batch)
        failpoints.reach("before_statement")
        try:
            with db.attempt():
                row = db.first(sql.statement(test=order.test, job=order.is_job), **values)
                failpoints.reach("after_statement")
        except sa.exc.IntegrityError as error:
            if db.broken_constraint(error) == sql.IDEMPOTENCY_CONSTRAINT:
                return _first_answer(blueprint, order)
            if db.broken_constraint(error) not in sql.COLLISIONS:
                raise
            continue
        except sa.exc.OperationalError as error:
            raise _timed_out(order, error) from error
        if row is None:
            return _refused(blueprint, order)
        if order.is_job:
            queue.later("generation", values["id"])
        return Outcome.made(values, batch, remaining=row.remaining)
    raise KeysCollided


def _first_answer(blueprint: Blueprint, order: Order) -> Outcome:
    """A twin committed between our look and our statement: give its answer."""
    replay = find_replay(blueprint, order.claim)
    if replay is None:
        raise IdempotencyInProgress
    return replay


def _refused(blueprint: Blueprint, order: Order) -> Outcome:
    """No row was changed: a twin may have taken the last of the quota, else say which guard refused."""
    replay = find_replay(blueprint, order.claim)
    if replay is not None:
        return replay
    raise _reason(blueprint, order)


def _reason(blueprint: Blueprint, order: Order) -> DomainError:
    row = db.first(sql.COUNTERS, contract_id=blueprint.contract_id)
    if row is None or not (row.accepting or order.test):
        return ContractInactive()
    if order.test:
        if row.test_live + order.count > TEST_LICENSES_MOST:
            return TestLimitReached(requested=order.count, test_licenses=row.test_live)
        return ContractInactive()
    return _exceeded(order.count, row)


def _exceeded(count: int, row: Row[Any]) -> QuotaExceeded:
    return QuotaExceeded(
        requested=count,
        quota_total=row.quota,
        quota_used=row.used,
        quota_reserved=row.reserved,
        quota_remaining=row.quota - row.used - row.reserved,
    )


def _timed_out(order: Order, error: sa.exc.OperationalError) -> DomainError:
    is_lock = getattr(error.orig, "sqlstate", None) == sql.LOCK_NOT_AVAILABLE
    return IdempotencyInProgress() if is_lock and order.claim else Busy()


def _values(blueprint: Blueprint, order: Order, batch: Batch) -> dict[str, Any]:
    expires_at = blueprint.expires_at(order.at)
    if order.test:
        latest = order.at + TEST_LIFE
        expires_at = min(expires_at, latest) if expires_at else latest
    limit = blueprint.own_activation_limit or blueprint.activation_limit
    features = {**blueprint.features, **blueprint.overrides}
    generation_id = uuid7()
    terms = {
        "features": features, "activation_limit": limit,
        "expires_at": expires_at.isoformat() if expires_at else None,
        "format": blueprint.format, "pattern": blueprint.pattern, "alphabet": blueprint.alphabet,
        "pool": blueprint.type == "pool",
    }  # fmt: skip
    claim = order.claim
    return {
        "id": generation_id, "n": order.count, "test": order.test, "at": order.at,
        "contract_id": blueprint.contract_id, "environment_id": blueprint.environment_id,
        "product_id": blueprint.product_id, "generator_id": blueprint.generator_id,
        "by_staff": order.method == "manual", "method": order.method, "actor": order.by.name,
        "address": order.by.address, "request_id": order.by.request_id, "reference": order.reference,
        "terms": sql.json(terms), "scope": claim.scope if claim else None, "key": claim.key if claim else None,
        "fingerprint": claim.fingerprint if claim else None,
        "ids": batch.ids, "keys": batch.keys, "canonical": batch.canonical,
        "activation_limit": limit, "expires_at": expires_at, "pool": blueprint.type == "pool",
        "entry_id": uuid7(), "subject": f"generation:{generation_id}",
        "changes": sql.json({"count": order.count, "method": order.method, "test": order.test}),
        "plain_terms": terms,
    }  # fmt: skip
