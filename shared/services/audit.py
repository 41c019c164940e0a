"""Who is acting, and the record of what they did, written in the transaction of the change (SPEC A-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uuid_utils.compat import uuid7

from shared.db import db, run
from shared.models import AuditEntry, AuditUnsealed, Contract


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: ``staff:<id>``, ``key:<public id>``, ``schedule`` or ``command``, and from where."""

    name: str
    address: str | None = None
    request_id: str | None = None


COMMAND = Actor(name="command")


def record(
    *,
    action: str,
    subject: str,
    by: Actor,
    environment_id: int | None = None,
    contract: Contract | None = None,
    contract_id: uuid.UUID | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry and queue it for sealing.

    Args:
        action: dotted, past tense, such as ``contract.quota_raised``.
        subject: the kind and id of the thing, such as ``contract:0192…``; never an e-mail.
        by: who did it.
        environment_id: where; taken from ``contract`` when that is given.
        contract: the contract whose activity this is, when there is one.
        contract_id: the same by id.
        changes: field name → ``[before, after]``, or plain facts; never a secret.

    """
    entry = AuditEntry(
        id=uuid7(),
        environment_id=contract.environment_id if contract else environment_id,
        contract_id=contract.id if contract else contract_id,
        subject=subject,
        action=action,
        actor=by.name,
        address=by.address,
        request_id=by.request_id,
        changes=dict(changes or {}),
    )
    db.session.add_all([entry, AuditUnsealed(entry_id=entry.id)])


def record_each(*, action: str, kind: str, ids: Sequence[uuid.UUID], by: Actor, environment_id: int) -> None:
    """Add the same entry for each of many things in one statement, for what would wait for locks otherwise.

    Args:
        action: dotted, past tense.
        kind: what the ids are of, such as ``contract``, whose activity then shows the entry.
        ids: the things, all of one environment.
        by: who did it.
        environment_id: where.

    """
    run(
        "WITH made AS (INSERT INTO audit_entry"
        " (id, environment_id, contract_id, subject, action, actor, address, request_id)"
        " SELECT entry, %(place)s, CASE WHEN %(kind)s = 'contract' THEN thing END, %(kind)s || ':' || thing,"
        " %(action)s, %(actor)s, %(address)s::inet, %(request)s"
        " FROM unnest(%(entries)s::uuid[], %(things)s::uuid[]) AS pair (entry, thing) RETURNING id)"
        " INSERT INTO audit_unsealed (entry_id) SELECT id FROM made",
        place=environment_id, kind=kind, action=action, actor=by.name, address=by.address, request=by.request_id,
        entries=[uuid7() for _ in ids], things=list(ids),
    )  # fmt: skip


def differences(row: object, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return field → ``[before, after]`` as text for those of ``changes`` that differ from ``row``."""
    found = {}
    for field, after in changes.items():
        pair = [_plain(getattr(row, field)), _plain(after)]
        if pair[0] != pair[1]:
            found[field] = pair
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | dict):
        return value
    # Addresses too: the database gives networks where a form gives their text.
    return [_plain(item) for item in value] if isinstance(value, list) else str(value)
