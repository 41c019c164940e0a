"""The gates of many contracts at once: exactly those that were confirmed, or none (UX 12)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import xor
from typing import Any, Final

import sqlalchemy as sa

from shared.db import db, run
from shared.errors import NotFound, SelectionChanged, TooManyChosen
from shared.models import Contract, ContractQuota
from shared.services import audit
from shared.services.audit import Actor

BULK_MOST: Final = 10_000  # one transaction holds their locks until all are changed
Contracts = sa.Select[*tuple[Any, ...]]
_HASH = sa.func.hashtextextended(sa.cast(Contract.id, sa.Text), 0)


@dataclass(frozen=True)
class Selection:
    """Which contracts somebody confirmed: how many, and the exclusive or of the hashes of their ids."""

    count: int
    fingerprint: int


def survey(*, chosen: Contracts) -> Selection:
    """Return the selection that ``chosen``, live contracts joined with their counters, stands for now.

    Raises:
        NotFound: it selects none; TooManyChosen: more than BULK_MOST.

    """
    asked = chosen.with_only_columns(sa.func.count(), sa.func.bit_xor(_HASH), maintain_column_froms=True)
    count, fingerprint = db.session.execute(asked).one()
    if not count:
        raise NotFound("None of the chosen contracts")
    _ensure_few(count)
    return Selection(count, fingerprint)


def set_gates(*, chosen: Contracts, confirmed: Selection, accepting: bool, by: Actor, at: datetime) -> int:
    """Open or close the gate of every contract of ``chosen`` as ``contracts.activate`` and ``deactivate`` do.

    Returns how many changed; those that were so already stay as they are.

    Raises:
        SelectionChanged: ``chosen`` is no longer what was confirmed; TooManyChosen: more than BULK_MOST.

    """
    _ensure_few(confirmed.count)
    locked = _locked(chosen)
    found = Selection(len(locked), reduce(xor, (row.hash for row in locked), 0))
    if found != confirmed:
        raise SelectionChanged
    changed = [row.id for row in locked if row.accepting != accepting]
    _set(changed, at, accepting=accepting)
    action = "contract.activated" if accepting else "contract.deactivated"
    if changed:
        audit.record_each(
            action=action, kind="contract", ids=changed, by=by, environment_id=locked[0].environment_id
        )  # fmt: skip
    return len(changed)


def _locked(chosen: Contracts) -> list[Any]:
    """Lock contracts and counters in the order of ids: what waited for another change is then judged by it anew."""
    columns = (Contract.id, Contract.environment_id, ContractQuota.accepting, _HASH.label("hash"))
    query = chosen.with_only_columns(*columns, maintain_column_froms=True).order_by(Contract.id).limit(BULK_MOST + 1)
    return list(db.session.execute(query.with_for_update(of=[Contract, ContractQuota], key_share=True)))


def _set(ids: list[uuid.UUID], at: datetime, *, accepting: bool) -> None:
    run("UPDATE contract_quota SET accepting = %(accepting)s WHERE contract_id = ANY(%(ids)s)",
        accepting=accepting, ids=ids)  # fmt: skip
    run(
        "UPDATE contract SET updated_at = %(at)s,"
        " activated_at = CASE WHEN %(accepting)s THEN coalesce(activated_at, %(at)s) ELSE activated_at END"
        " WHERE id = ANY(%(ids)s)",
        at=at, accepting=accepting, ids=ids,
    )  # fmt: skip


def _ensure_few(count: int) -> None:
    if count > BULK_MOST:
        raise TooManyChosen(count=count, most=BULK_MOST)
