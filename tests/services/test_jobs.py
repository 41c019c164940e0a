"""Background generations: fenced by a lease, in chunks, in turns, exact (SPEC G-1, G-3, G-8)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from redis import Redis

from shared import db
from shared.services import generators, jobs
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.services.working import CHUNK, QUEUE, begun, chunk, claim, standing, sweep
from tests.world import World, one, rows


def test_an_unknown_or_ended_job_is_left_alone(world: World, worker: Callable[..., None]) -> None:
    job_id = world.generate(world.contract(), 100).generation_id
    for _ in range(3):
        worker(job_id)
    worker(uuid.uuid4())
    assert standing(job_id) == ("completed", 100, None, "completed")
    assert one("SELECT count(*) AS n FROM license").n == 100


@pytest.mark.parametrize("count", [100, 120, 121])
def test_a_job_makes_exactly_n_with_every_ordinal_once(world: World, worker: Callable[..., None], count: int) -> None:
    contract = world.contract(quota=count)
    accepted = world.generate(contract, count)
    assert (accepted.is_job, accepted.licenses, world.counters(contract)) == (True, [], (0, count, 0))
    worker(accepted.generation_id)
    assert world.counters(contract) == (count, 0, count)
    assert [row.ordinal for row in rows("SELECT ordinal FROM license ORDER BY ordinal")] == list(range(count))


def test_ninety_nine_are_made_at_once_and_no_job(world: World) -> None:
    outcome = world.generate(world.contract(), 99)
    assert (outcome.is_job, len(outcome.licenses)) == (False, 99)
    assert rows("SELECT 1 FROM job") == []


def test_the_terms_of_a_job_are_those_of_its_acceptance(world: World, worker: Callable[..., None]) -> None:
    contract = world.contract(activation_limit=4)
    job_id = begun(world, contract)
    with transaction(environment_id=1):
        generators.amend(generator_id=contract.generator_id, fields={"pattern": "NEW" + "*" * 20}, by=COMMAND)
    world.amend(contract, activation_limit=9, overrides={"seats": 50})
    worker(job_id)
    found = rows("SELECT DISTINCT activation_limit, left(key, 3) AS prefix, features FROM license")
    assert [tuple(row) for row in found] == [(4, "TST", None)]


def test_a_job_gives_way_after_its_slice_and_asks_for_its_next_turn(
    world: World, worker: Callable[..., None], redis: Redis
) -> None:
    job_id = world.generate(world.contract(), 100).generation_id
    redis.flushdb()
    for done, hints in ((CHUNK, 1), (2 * CHUNK, 2), (100, 2)):
        worker(job_id, brief=True)
        assert (standing(job_id)[1], redis.llen(QUEUE)) == (done, hints)


def test_a_changed_generator_of_the_contract_does_not_stop_the_job_of_the_older_one(
    world: World, worker: Callable[..., None]
) -> None:
    contract = world.contract()
    job_id = begun(world, contract)
    other = world.generator(contract.product)
    world.amend(contract, generator_id=other.id)
    with transaction(environment_id=1):
        generators.amend(generator_id=other.id, fields={"status": "inactive"}, by=COMMAND)
    worker(job_id)
    assert standing(job_id)[0] == "completed"


def test_two_workers_cannot_hold_one_job(world: World) -> None:
    job_id = world.generate(world.contract(), 100).generation_id
    assert claim(job_id) is not None
    assert claim(job_id) is None


def test_a_worker_that_wakes_after_its_lease_was_given_away_adds_nothing(world: World) -> None:
    contract = world.contract(quota=100)
    job_id = world.generate(contract, 100).generation_id
    old = claim(job_id, seconds=0)
    new = claim(job_id)
    assert chunk(new) == "more"
    assert (chunk(old), standing(job_id)[1], world.counters(contract)) == ("lost", CHUNK, (CHUNK, 60, CHUNK))
    with transaction():
        jobs.release(old) if old else None
    assert (chunk(new), chunk(new)) == ("more", "ended")


def test_a_job_whose_workers_die_ten_times_without_a_license_is_given_up(world: World) -> None:
    contract = world.contract(quota=100)
    job_id = world.generate(contract, 100).generation_id
    assert [claim(job_id, seconds=0) is not None for _ in range(11)] == [True] * 10 + [False]
    assert standing(job_id) == ("failed", 0, "attempts_exhausted", "failed")
    assert world.counters(contract) == (0, 0, 0)


def test_a_chunk_made_in_between_starts_the_count_anew(world: World) -> None:
    job_id = world.generate(world.contract(), 100).generation_id
    for _ in range(9):
        claim(job_id, seconds=0)
    assert chunk(claim(job_id, seconds=0)) == "more"
    assert all(claim(job_id, seconds=0) for _ in range(10))


def test_a_job_that_waits_too_long_is_hinted_at_once_and_not_again(world: World, redis: Redis) -> None:
    job_id = world.generate(world.contract(), 100).generation_id
    redis.flushdb()
    assert sweep() == 0
    with transaction():
        db.run("UPDATE job SET not_before = now() WHERE id = %(id)s", id=job_id)
    assert (sweep(), sweep(), redis.llen(QUEUE)) == (1, 0, 1)


def test_the_sweeper_finds_a_job_whose_worker_fell_silent_and_none_that_has_ended(
    world: World, worker: Callable[..., None]
) -> None:
    silent, done = (world.generate(world.contract(), 100).generation_id for _ in range(2))
    worker(done)
    claim(silent, seconds=0)
    with transaction():
        db.run("UPDATE job SET not_before = now() WHERE id = %(id)s", id=done)
    assert sweep() == 1
