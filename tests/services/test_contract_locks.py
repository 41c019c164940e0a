"""Staff who edit a contract and a generation of it never wait for each other crosswise (SCHEMA 1)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from shared import clock
from shared.models import Contract
from shared.services import contracts
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.running import wait_until
from tests.world import World, one

WAITING = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"


def close(contract: Contract) -> None:
    contracts.deactivate(contract_id=contract.id, by=COMMAND, at=clock.now())


def raise_quota(contract: Contract) -> None:
    contracts.set_quota(contract_id=contract.id, quota=5000, by=COMMAND, at=clock.now())


@pytest.mark.parametrize("act", [close, raise_quota])
def test_a_generation_that_holds_the_counters_gets_past_an_edit_that_waits_for_them(
    world: World, app: Flask, owner_url: str, act: Callable[[Contract], None]
) -> None:
    contract = world.contract()

    def edit() -> None:
        with app.app_context(), transaction(environment_id=1):
            act(contract)

    editor = threading.Thread(target=edit)
    with psycopg.connect(owner_url, options="-c lock_timeout=500") as generation:
        generation.execute("UPDATE contract_quota SET used = used WHERE contract_id = %s", [contract.id])
        editor.start()
        wait_until(lambda: one(WAITING).n == 1, 3, "The edit waiting for the counters")
        # What the foreign key of the new generation asks for; an edit that held the whole row would close the circle.
        generation.execute("SELECT FROM contract WHERE id = %s FOR KEY SHARE", [contract.id])
    editor.join()
    assert one("SELECT quota = 5000 OR NOT accepting AS changed FROM contract_quota").changed
