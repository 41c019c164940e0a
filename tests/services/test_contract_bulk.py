"""The gates of many contracts at once, beside others who change the same ones (UX 12, SCHEMA 16)."""

from __future__ import annotations

import threading

import psycopg
import sqlalchemy as sa
from flask import Flask

from shared import clock
from shared.errors import SelectionChanged
from shared.models import Contract, ContractQuota
from shared.services import contract_bulk
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.running import wait_until
from tests.world import World, one

WAITING = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
ACTIVE = sa.select(Contract).join(Contract.quota).where(Contract.environment_id == 1, ContractQuota.accepting.is_(True))


def test_a_gate_that_somebody_closes_meanwhile_is_no_longer_in_the_selection(
    world: World, app: Flask, owner_url: str
) -> None:
    generator = world.generator()
    first, _ = world.contract(generator=generator), world.contract(generator=generator)
    with transaction(environment_id=1):
        confirmed = contract_bulk.survey(chosen=ACTIVE)
    assert confirmed.count == 2
    raised: list[Exception] = []

    def close_all() -> None:
        try:
            with app.app_context(), transaction(environment_id=1):
                contract_bulk.set_gates(
                    chosen=ACTIVE, confirmed=confirmed, accepting=False, by=COMMAND, at=clock.now()
                )  # fmt: skip
        except SelectionChanged as refusal:
            raised.append(refusal)

    closer = threading.Thread(target=close_all)
    with psycopg.connect(owner_url) as other:
        other.execute("UPDATE contract_quota SET accepting = false WHERE contract_id = %s", [first.id])
        closer.start()
        wait_until(lambda: one(WAITING).n == 1, 3, "The bulk action waiting for the counters")
    closer.join()
    assert len(raised) == 1
    assert one("SELECT count(*) AS n FROM contract_quota WHERE accepting").n == 1, "nothing else was done"
