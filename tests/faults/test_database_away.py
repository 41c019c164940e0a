"""P14 in small: PostgreSQL stops at once under load; nothing acknowledged is lost and the gateway heals by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shared import clock
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from tests import running
from tests.faults.database_away import Outage, OwnDatabase, calling, own_database, stop_and_start, verdict
from tests.races.wire import Answer


@pytest.fixture(scope="module")
def database(environ: Mapping[str, str]) -> Iterator[OwnDatabase]:
    with own_database(environ) as own:
        yield own


def outages(database: OwnDatabase, directory: Path, *, times: int, away: float) -> tuple[Outage, set[int], set[int]]:
    """Let the database go ``times`` under load; return it with the gateway's processes before and after."""
    contract, key = database.world.reseller(quota=1_000_000)
    with running.gateway(database.environ, directory) as (process, port):
        outage = Outage(port, contract, key)
        before = {one.pid for one in process.family()}
        with calling(outage):
            for _ in range(times):
                time.sleep(1)
                stop_and_start(outage, database, away=away)
                time.sleep(1.5)
        after = {one.pid for one in process.family()}
    return outage, before, after


def test_what_was_acknowledged_is_stored_and_the_gateway_heals(database: OwnDatabase, tmp_path: Path):
    outage, before, after = outages(database, tmp_path, times=1, away=1.5)
    slowest = max(answer.seconds for _, answer in outage.answers)
    print(
        f"\nP14 reduced: {outage.tally()}, {len(outage.acknowledged())} licenses acknowledged and stored; served"
        f" {outage.times_to_serve()[0]:.2f} s after the database was back; slowest {slowest:.2f} s"
    )
    assert verdict(outage) == []
    assert outage.tally()[503] > 0
    assert outage.times_to_serve()[0] < 5
    assert before <= after  # nobody was restarted


def test_acknowledging_before_the_commit_fails_the_same_verdict(database: OwnDatabase):
    """The negative control: what was told and not yet committed is gone with the database."""
    contract = database.world.contract(quota=10)
    order = Order(count=3, method="manual", by=COMMAND, at=clock.now())
    made = generate(blueprint=get_blueprint(contract_id=contract.id), order=order)
    told = Answer(201, {}, json.dumps({"licenses": [{"uuid": item.id} for item in made.licenses]}).encode())
    outage = Outage(0, contract, "", {"told": [(0.0, told)]})
    database.stop_at_once()
    database.start_again()
    assert verdict(outage) == ["3 acknowledged licenses are not stored"]
