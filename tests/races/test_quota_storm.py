"""P1 in small: the quota holds under concurrency and deaths; a counter that is read and written back does not."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from uuid_utils.compat import uuid7

from shared.models import Contract
from tests.books import unbalanced
from tests.races.quota_storm import Storm, blow, verdict
from tests.world import World


def test_the_quota_holds_in_a_storm(world: World, environ: Mapping[str, str], owner_url: str, tmp_path: Path):
    storm = Storm(calls=2000, kills=4, cut_connections=2)
    contract = blow(storm, world, environ, owner_url, tmp_path, quota=1000)
    assert verdict(storm, contract) == []
    assert storm.landed == 4
    used, reserved, licenses = world.counters(contract)
    print(f"\nP1 reduced: used {used} of 1000; {storm}")
    assert storm.landed_before_full > 0
    assert (reserved, licenses) == (0, used)
    assert used > 900


def test_a_counter_read_and_written_back_fails_the_same_verdict(world: World, owner_url: str):
    """The negative control: without the one conditional UPDATE the books no longer balance."""
    contract = world.contract(quota=1000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _naive(owner_url, contract), range(8)))
    assert verdict(Storm(calls=0, kills=0, cut_connections=0), contract) != []
    assert unbalanced() != []
    _mend(owner_url, contract)
    assert unbalanced() == []


def _naive(owner_url: str, contract: Contract) -> None:
    with psycopg.connect(owner_url, autocommit=True) as db:
        for _ in range(20):
            used = db.execute("SELECT used FROM contract_quota WHERE contract_id = %s", [contract.id]).fetchone()[0]
            generation, license_ = uuid7(), uuid7()
            db.execute(
                "INSERT INTO generation (id, environment_id, contract_id, product_id, generator_id, method, actor,"
                " count, status, terms, used_after)"
                " VALUES (%s, 1, %s, %s, %s, 'manual', 'naive', 1, 'completed', '{}', %s)",
                [generation, contract.id, contract.product_id, contract.generator_id, used + 1],
            )  # fmt: skip
            db.execute(
                "INSERT INTO license (id, key, canonical, environment_id, product_id, contract_id, generation_id,"
                " ordinal, activation_limit) VALUES (%s, %s, %s, 1, %s, %s, %s, 0, 1)",
                [license_, str(license_), str(license_), contract.product_id, contract.id, generation],
            )  # fmt: skip
            db.execute(
                "UPDATE contract_quota SET used = greatest(used, %s) WHERE contract_id = %s", [used + 1, contract.id]
            )


def _mend(owner_url: str, contract: Contract) -> None:
    """Leave balanced books to the check that follows every test."""
    with psycopg.connect(owner_url, autocommit=True) as db:
        db.execute("UPDATE contract_quota SET used = (SELECT count(*) FROM license WHERE contract_id = %(id)s)"
                   " WHERE contract_id = %(id)s", {"id": contract.id})  # fmt: skip
