"""Background generations that end early: each gives back exactly what it did not make (SPEC G-3, G-4, C-4)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

import pytest

from shared import clock, db
from shared.errors import JobEnded, NotFound
from shared.models import Contract
from shared.services import generators, jobs, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.services.working import CHUNK, begun, chunk, claim, standing
from tests.world import World, one


def test_cancelling_a_job_nobody_works_on_ends_it_now_and_gives_back_the_rest(world: World) -> None:
    contract = world.contract(quota=200)
    job_id = begun(world, contract)
    with transaction():
        jobs.cancel(job_id=job_id, by=COMMAND)
    assert standing(job_id) == ("cancelled", CHUNK, None, "cancelled")
    assert world.counters(contract) == (CHUNK, 0, CHUNK)
    with pytest.raises(JobEnded, match="This job is cancelled"), transaction():
        jobs.cancel(job_id=job_id, by=COMMAND)
    with pytest.raises(NotFound), transaction():
        jobs.cancel(job_id=uuid.uuid4(), by=COMMAND)


def test_cancelling_a_job_at_work_stops_it_at_its_next_chunk(world: World) -> None:
    contract = world.contract(quota=200)
    job_id = world.generate(contract, 200).generation_id
    lease = claim(job_id)
    assert chunk(lease) == "more"
    with transaction():
        jobs.cancel(job_id=job_id, by=COMMAND)
    assert standing(job_id)[0] == "running"
    assert (chunk(lease), chunk(lease)) == ("ended", "lost")
    assert world.counters(contract) == (CHUNK, 0, CHUNK)


def deactivate(world: World, contract: Contract) -> None:
    world.close(contract)


def retire(_: World, contract: Contract) -> None:
    with transaction(environment_id=1):
        generators.amend(generator_id=contract.generator_id, fields={"status": "inactive"}, by=COMMAND)


def withdraw(_: World, contract: Contract) -> None:
    with transaction(environment_id=1):
        products.amend(product_id=contract.product_id, fields={"status": "inactive"}, by=COMMAND)


def let_expire(world: World, contract: Contract) -> None:
    world.amend(contract, expiry_kind="date", expiry_date=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (deactivate, "contract_inactive"),
        (retire, "generator_unavailable"),
        (withdraw, "product_inactive"),
        (let_expire, "contract_expired"),
    ],
)
def test_what_stops_a_contract_ends_its_running_job_and_gives_back_the_rest(
    world: World, worker: Callable[..., None], act: Callable[[World, Contract], None], code: str
) -> None:
    contract = world.contract(quota=200)
    job_id = begun(world, contract)
    act(world, contract)
    worker(job_id)
    assert standing(job_id) == ("failed", CHUNK, code, "failed")
    assert world.counters(contract) == (CHUNK, 0, CHUNK)
    entry = one("SELECT changes FROM audit_entry WHERE action = 'job.failed'")
    assert entry.changes == {"code": code, "not_made": 200 - CHUNK}


def test_the_last_day_of_a_contract_is_judged_at_every_chunk(world: World) -> None:
    contract = world.contract(expiry_kind="date", expiry_date=clock.now().date())
    job_id = begun(world, contract)
    assert chunk(claim(job_id), days=1) == "ended"
    assert standing(job_id)[2] == "contract_expired"


def test_keys_that_cannot_be_found_end_the_job_and_give_back_what_was_not_made(
    world: World, worker: Callable[..., None]
) -> None:
    contract = world.contract(quota=200)
    job_id = begun(world, contract)
    with transaction():
        db.run("""UPDATE generation SET terms = terms || '{"pattern": "T*", "alphabet": "digits"}'""")
    worker(job_id)
    assert standing(job_id) == ("failed", CHUNK, "keys_collided", "failed")
    assert world.counters(contract) == (CHUNK, 0, CHUNK)
