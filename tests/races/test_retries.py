"""P2 in small: a retry has one effect, whether its twin is in flight, was answered, or died on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from shared import clock
from shared.db import first
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.transaction import transaction
from tests import running
from tests.races import wire
from tests.races.retries import QUICK_TO_RISE, both_gateways, die_and_retry, quota_of, send_copies, tally, verdict
from tests.races.wire import Answer
from tests.world import World, one

WAITING = """
SELECT count(*) AS n FROM pg_stat_activity
 WHERE application_name = 'allotment-gateway' AND wait_event_type = 'Lock' AND query LIKE '%contract_quota%'"""


def test_simultaneous_copies_have_one_effect(world: World, environ: Mapping[str, str], tmp_path: Path):
    contract, key = world.reseller(quota=quota_of(100))
    with running.gateway(environ, tmp_path) as (_, port):
        answers = send_copies(
            100, 20, lambda name, n: wire.generate(port, contract.id, key, count=n, idempotency_key=name)
        )
    print(f"\nP2 reduced: 100 keys x 20 copies: {tally(answers)}")
    assert verdict(contract, answers) == []
    assert world.counters(contract)[:2] == (quota_of(100) - 1000, 1000)


def test_looking_before_acting_fails_the_same_verdict(world: World, bare: Flask):
    """The negative control: two that look at once both find nothing, and both act."""
    contract, _ = world.reseller(quota=10 * quota_of(5))

    def naive(name: str, count: int) -> Answer:
        with bare.app_context(), transaction():
            if first("SELECT 1 FROM generation WHERE reference = %(key)s", key=name):
                return Answer(201, {"idempotent-replayed": "true"}, b"")
            order = Order(count=count, method="api", by=COMMAND, at=clock.now(), reference=name)
            made = generate(blueprint=get_blueprint(contract_id=contract.id), order=order)
        return Answer(201, {}, json.dumps([item.id for item in made.licenses]).encode())

    answers = send_copies(5, 6, naive)
    assert any("effects" in sentence for sentence in verdict(contract, answers))


@pytest.mark.parametrize(
    ("failpoint", "count", "deaths", "is_replay"),
    [
        ("before_statement", 2, 5, False),  # nothing was sent to the database yet
        ("after_statement", 2, 25, True),  # committed, and nobody was told
        ("after_statement", 100, 3, True),  # a job committed and its hint never sent
        ("after_send", 100, 3, True),  # its hint sent, and nobody told the partner
    ],
)
def test_a_retry_after_a_death_is_answered_once(
    world: World,
    environ: Mapping[str, str],
    tmp_path: Path,
    *,
    failpoint: str,
    count: int,
    deaths: int,
    is_replay: bool,
):
    contract, key = world.reseller(quota=count * deaths)
    dying, living = both_gateways(environ, tmp_path, failpoint)
    with dying as (_, one_dies), living as (_, one_lives):
        told = [
            die_and_retry(contract, key, (one_dies, one_lives), number, count=count, idempotency_key=f"key-{number}")
            for number in range(deaths)
        ]
    replays = sum(retry.is_replay for _, retry, _ in told)
    print(f"\nP2: {deaths} deaths at {failpoint} (count {count}): {replays} replays")
    assert [lost.status for lost, _, _ in told] == [0] * deaths
    assert replays == (deaths if is_replay else 0)
    assert all(again.is_replay and again.body == retry.body for _, retry, again in told)
    assert one("SELECT count(*) AS n FROM generation WHERE contract_id = %(id)s", id=contract.id).n == deaths
    assert sum(world.counters(contract)[:2]) == count * deaths


def test_without_an_idempotency_key_a_retry_after_a_death_acts_twice(
    world: World, environ: Mapping[str, str], tmp_path: Path
):
    """The negative control: it is the key that makes the difference."""
    contract, key = world.reseller(quota=100)
    dying, living = both_gateways(environ, tmp_path, "after_statement")
    with dying as (_, one_dies), living as (_, one_lives):
        lost, retry, _ = die_and_retry(contract, key, (one_dies, one_lives), 0)
    assert (lost.status, retry.is_replay) == (0, False)
    assert any("effects" in sentence for sentence in verdict(contract, {"death-0": [retry]}))


def test_a_death_while_the_statement_waits_leaves_one_effect(
    world: World, environ: Mapping[str, str], owner_url: str, tmp_path: Path
):
    """Between claim and COMMIT it is the database that decides, and the retry hears of it."""
    contract, key = world.reseller(quota=6)
    told = []
    with (
        running.gateway(environ, tmp_path, **QUICK_TO_RISE) as (process, port),
        psycopg.connect(owner_url) as owner,
        psycopg.connect(owner_url, autocommit=True) as onlooker,
    ):
        for number in range(3):
            order = {"count": 2, "idempotency_key": f"key-{number}"}
            owner.execute("SELECT 1 FROM contract_quota WHERE contract_id = %s FOR UPDATE", [contract.id])
            twin = threading.Thread(target=wire.generate, args=(port, contract.id, key), kwargs=order)
            twin.start()
            running.wait_until(
                lambda: onlooker.execute(WAITING).fetchone()[0] == 1, 5, "the statement waiting for the quota"
            )
            for child in process.family()[1:]:
                child.kill()
            twin.join()
            owner.rollback()
            told.append(wire.generate_until_answered(port, contract.id, key, **order))
    print(f"\nP2: 3 deaths inside the statement: {sum(answer.is_replay for answer in told)} replays")
    assert [answer.status for answer in told] == [201] * 3
    assert world.counters(contract) == (6, 0, 6)
