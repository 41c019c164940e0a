"""Writing and forgetting the log of calls: in batches, apart from the calls themselves (SPEC A-2, SCHEMA 8)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from shared.db import db
from shared.models import ApiCall, ApiCallDay, ApiRefusalMinute, ContractKey

FORGET_AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose good key a call carried."""

    environment_id: int
    contract_id: uuid.UUID
    key_id: uuid.UUID
    key: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One answered call; ``caller`` is None when it was refused before its key was known to be good."""

    at: datetime
    caller: Caller | None
    asked_contract: str | None
    address: str | None
    method: str
    endpoint: str
    status: int
    code: str | None
    cause: str
    latency_ms: float
    request_id: str
    client_request_id: str | None
    is_generate: bool


def write(*, calls: Sequence[Call]) -> None:
    """Store a batch: rows for authenticated calls, counts for the rest, outcomes of the day, last use of keys."""
    known = [call for call in calls if call.caller is not None]
    if known:
        db.session.execute(sa.insert(ApiCall), [_row(call, call.caller) for call in known if call.caller])
    _count_refusals([call for call in calls if call.caller is None])
    _count_days(known)
    _note_use(known)


def forget(*, before: datetime) -> int:
    """Delete up to 10 000 calls and refusals older than ``before``; return how many calls went."""
    old = sa.select(ApiCall.id).where(ApiCall.at < before).limit(FORGET_AT_ONCE)
    gone = db.session.execute(sa.delete(ApiCall).where(ApiCall.id.in_(old)).returning(ApiCall.id)).all()
    db.session.execute(sa.delete(ApiRefusalMinute).where(ApiRefusalMinute.minute < before))
    return len(gone)


def _row(call: Call, caller: Caller) -> dict[str, object]:
    return {
        "id": uuid7(), "at": call.at, "environment_id": caller.environment_id, "contract_id": caller.contract_id,
        "asked_contract": call.asked_contract, "key": caller.key, "address": call.address, "method": call.method,
        "endpoint": call.endpoint, "status": call.status, "code": call.code, "latency_ms": call.latency_ms,
        "request_id": call.request_id, "client_request_id": call.client_request_id,
    }  # fmt: skip


def _count_refusals(calls: Sequence[Call]) -> None:
    counted: Counter[tuple[datetime, str, str, str]] = Counter()
    asked: dict[tuple[datetime, str, str, str], str | None] = {}
    for call in calls:
        minute = call.at.replace(second=0, microsecond=0)
        place = (minute, call.address or "0.0.0.0", call.code or "", call.cause)  # noqa: S104 - no address known
        counted[place] += 1
        asked[place] = call.asked_contract
    for place, n in sorted(counted.items()):
        names = ("minute", "address", "code", "cause")
        statement = insert(ApiRefusalMinute).values(
            **dict(zip(names, place, strict=True)), n=n, asked_contract=asked[place]
        )
        db.session.execute(statement.on_conflict_do_update(index_elements=names, set_={"n": ApiRefusalMinute.n + n}))


def _count_days(calls: Sequence[Call]) -> None:
    """Add up in one order, so that two processes never wait for each other in a ring."""
    counted: Counter[tuple[date, uuid.UUID, str]] = Counter(
        (call.at.date(), call.caller.contract_id, call.code or "accepted")
        for call in calls
        if call.caller and call.is_generate
    )
    for (day, contract_id, outcome), n in sorted(counted.items()):
        statement = insert(ApiCallDay).values(day=day, contract_id=contract_id, outcome=outcome, n=n)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=("day", "contract_id", "outcome"), set_={"n": ApiCallDay.n + n}
            )
        )


def _note_use(calls: Sequence[Call]) -> None:
    """Note the last use of each key, at most once a minute (GATEWAY 3)."""
    latest = {call.caller.key_id: call for call in calls if call.caller}
    for key_id, call in sorted(latest.items()):
        is_due = sa.or_(ContractKey.last_used_at.is_(None), ContractKey.last_used_at < call.at - timedelta(minutes=1))
        db.session.execute(
            sa.update(ContractKey)
            .where(ContractKey.id == key_id, is_due)
            .values(last_used_at=call.at, last_used_address=call.address)
        )
