"""P13 and P14 at full size: Redis dead half a minute and frozen sixteen seconds, the database gone five times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults import test_redis_away as redis_tests
from tests.faults.database_away import OwnDatabase, own_database
from tests.faults.database_away import verdict as database_verdict
from tests.faults.redis_away import frozen_verdict
from tests.faults.redis_away import verdict as redis_verdict
from tests.faults.test_database_away import outages
from tests.gateway.own_valkey import OwnValkey
from tests.world import World

pytestmark = pytest.mark.prove


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    server = OwnValkey(tmp_path)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def database(environ: Mapping[str, str]) -> Iterator[OwnDatabase]:
    with own_database(environ) as own:
        yield own


def test_redis_dead_for_half_a_minute(world: World, environ: Mapping[str, str], own_valkey: OwnValkey, tmp_path: Path):
    traffic, contract, figures = redis_tests.kill_redis_under_load(
        world, environ, own_valkey, tmp_path, dead_seconds=30
    )
    print(f"\nP13: {figures}")
    assert redis_verdict(traffic.answers) == []
    assert world.counters(contract)[1] == 0


def test_redis_frozen_for_sixteen_seconds(
    world: World, environ: Mapping[str, str], own_valkey: OwnValkey, tmp_path: Path
):
    waits, traffic = redis_tests.freeze_redis(world, environ, own_valkey, tmp_path, 16)
    late = [round(wait, 2) for wait in waits if wait > 0.25]
    print(f"\nP13: frozen for 16 s, {len(waits)} calls one after another, delayed {late}; {traffic.tally()}")
    assert redis_verdict(traffic.answers) == []
    assert frozen_verdict(waits, 16) == []


def test_the_database_gone_five_times(database: OwnDatabase, tmp_path: Path):
    outage, before, after = outages(database, tmp_path, times=5, away=3)
    print(
        f"\nP14: 5 immediate stops, {outage.tally()}, {len(outage.acknowledged())} licenses acknowledged and stored;"
        f" served {[round(at, 2) for at in outage.times_to_serve()]} s after each return"
    )
    assert database_verdict(outage) == []
    assert max(outage.times_to_serve()) < 5
    assert before <= after
