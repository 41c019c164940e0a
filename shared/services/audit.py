"""Who is acting, and the record of what they did, written in the transaction of the change (SPEC A-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uuid_utils.compat import uuid7

from shared.db import db
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
