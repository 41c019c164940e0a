"""Test licenses of a contract: the window in which a partner may make them, and the purge (SPEC C-11)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from shared import db
from shared.errors import InvalidInput
from shared.models import Contract
from shared.services import audit, contracts
from shared.services.audit import Actor

WINDOW_LEAST = timedelta(hours=1)
WINDOW_MOST = timedelta(days=7)

# License before contract_quota, as everywhere; whatever is made meanwhile is not seen and stays counted (SCHEMA 1).
_PURGE = """
WITH gone AS (
    DELETE FROM license WHERE contract_id = %(contract_id)s AND environment_id = %(environment_id)s AND test RETURNING 1
), counted AS (SELECT count(*)::smallint AS n FROM gone), given_back AS (
    UPDATE contract_quota q SET test_live = q.test_live - counted.n FROM counted
     WHERE q.contract_id = %(contract_id)s AND counted.n > 0
)
SELECT n FROM counted"""


def open_window(*, contract_id: uuid.UUID, length: timedelta, by: Actor, at: datetime) -> Contract:
    """Let the partner of an inactive contract make test licenses for ``length`` from ``at``; again moves the end.

    Raises:
        InvalidInput: the window is not 1 hour to 7 days long.
        NotFound: there is no such contract.

    """
    if not WINDOW_LEAST <= length <= WINDOW_MOST:
        raise InvalidInput(length="A test window is open for 1 hour to 7 days. Choose one of the lengths.")
    return _move_end(contracts.get_locked(contract_id=contract_id), at + length, "contract.test_window_opened", by, at)


def close_window(*, contract_id: uuid.UUID, by: Actor, at: datetime) -> Contract:
    """End the test window now; nothing happens when none is open. Raises NotFound."""
    contract = contracts.get_locked(contract_id=contract_id)
    if contract.test_until is None or contract.test_until <= at:
        return contract
    return _move_end(contract, None, "contract.test_window_closed", by, at)


def purge(*, contract_id: uuid.UUID, by: Actor) -> int:
    """Delete every test license of a contract for good and return how many there were.

    Their generations stay as history, and a request repeated with its idempotency key is told that they are gone.

    Raises:
        NotFound: there is no such contract.

    """
    contract = contracts.get_locked(contract_id=contract_id)
    (row,) = db.run(_PURGE, contract_id=contract.id, environment_id=contract.environment_id)
    if row.n:
        audit.record(action="contract.test_licenses_purged", subject=f"contract:{contract.id}", by=by,
                     contract=contract, changes={"count": row.n})  # fmt: skip
    return int(row.n)


def _move_end(contract: Contract, until: datetime | None, action: str, by: Actor, at: datetime) -> Contract:
    before = contract.test_until
    contract.test_until, contract.updated_at = until, at
    changes = {"test_until": [moment and moment.isoformat(timespec="seconds") for moment in (before, until)]}
    audit.record(action=action, subject=f"contract:{contract.id}", by=by, contract=contract, changes=changes)
    return contract
