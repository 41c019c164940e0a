"""Deleting a contract: what it refuses, what goes, what stays (SPEC C-13)."""

from __future__ import annotations

import psycopg
import pytest
from flask.testing import FlaskClient

from shared import clock
from shared.errors import ContractInactive, ContractStillActive, InvalidInput, JobUnderWay, NotFound
from shared.models import Contract
from shared.services import contract_deletion, contracts, jobs
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.transaction import transaction
from tests.services.working import begun
from tests.world import World, one, rows


def delete(contract: Contract, typed_name: str | None = None) -> None:
    typed = contract.name if typed_name is None else typed_name
    with transaction(environment_id=contract.environment_id):
        contract_deletion.delete(contract_id=contract.id, typed_name=typed, by=COMMAND, at=clock.now())


def closed(world: World, **fields: object) -> Contract:
    return world.contract(active=False, **fields)


def test_an_active_contract_is_refused(world: World) -> None:
    contract = world.contract()
    with pytest.raises(ContractStillActive, match="Deactivate it first"):
        delete(contract)
    assert one("SELECT deleted_at FROM contract").deleted_at is None


@pytest.mark.parametrize("typed", ["", "tech reseller", "Tech Reseller 2", "Tech"])
def test_another_name_than_the_exact_one_is_refused(world: World, typed: str) -> None:
    contract = closed(world, name="Tech Reseller")
    with pytest.raises(InvalidInput, match="not the name"):
        delete(contract, typed)
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'contract.deleted'").n == 0


def test_a_name_counts_as_its_reader_sees_it(world: World) -> None:
    delete(closed(world, name="Caf\u00e9  of Tech"), " Cafe\u0301 of Tech ")
    assert one("SELECT deleted_at FROM contract").deleted_at is not None


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_job_that_has_not_ended_is_named_with_the_way_out(world: World, *, is_begun: bool) -> None:
    contract = world.contract()
    job_id = begun(world, contract) if is_begun else world.generate(contract, 200).generation_id
    world.close(contract)
    with pytest.raises(JobUnderWay, match=f"Job {job_id} .* of 200 done.*cancel it"):
        delete(contract)
    with transaction(environment_id=1):
        jobs.cancel(job_id=job_id, by=COMMAND)
    delete(contract)
    assert world.counters(contract) == ((40, 0, 40) if is_begun else (0, 0, 0))


def test_keys_and_their_secrets_are_gone_and_everything_made_stays(world: World) -> None:
    contract, _ = world.reseller(name="Reseller")
    world.generate(contract, 3)
    world.generate(contract, 2, test=True)
    world.close(contract)
    delete(contract)
    assert rows("SELECT FROM contract_key") == rows("SELECT FROM contract_key_secret") == []
    assert one("SELECT count(*) AS n FROM license WHERE contract_id = %(id)s", id=contract.id).n == 5
    assert one("SELECT count(*) AS n FROM generation").n == 2
    left = one("SELECT name, deleted_at, deleted_by FROM contract")
    assert (left.name, left.deleted_by) == ("Reseller", "command")
    entry = one("SELECT changes, contract_id FROM audit_entry WHERE action = 'contract.deleted'")
    assert entry.contract_id == contract.id
    assert entry.changes == {"name": "Reseller", "quota": 1000, "used": 3, "keys_deleted": 1,
                             "webhook_deleted": False}  # fmt: skip


def test_its_webhook_goes_with_the_signing_secret(world: World) -> None:
    contract = closed(world, webhook_url="https://hooks.example.com/licenses")
    assert one("SELECT count(*) AS n FROM webhook_secret").n == 1
    delete(contract)
    assert rows("SELECT FROM webhook_endpoint") == rows("SELECT FROM webhook_secret") == []


def test_the_name_is_free_again(world: World) -> None:
    delete(closed(world, name="Reseller"))
    assert world.contract(name="Reseller").name == "Reseller"


def test_a_deleted_contract_is_found_by_nobody(world: World) -> None:
    contract = closed(world)
    delete(contract)
    with pytest.raises(NotFound):
        delete(contract)
    with pytest.raises(NotFound), transaction(environment_id=1):
        contracts.activate(contract_id=contract.id, by=COMMAND, at=clock.now())
    with pytest.raises(NotFound):
        world.generate(contract, 1)


def test_a_contract_of_another_environment_is_not_found(world: World) -> None:
    contract = closed(world)
    with pytest.raises(NotFound), transaction(environment_id=2):
        contract_deletion.delete(contract_id=contract.id, typed_name=contract.name, by=COMMAND, at=clock.now())


def test_its_key_gets_the_answer_of_a_key_that_never_was(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    path = f"/api/v1/contracts/{contract.id}/generate"

    def ask(with_key: str) -> tuple[int, dict[str, object]]:
        answer = partner.post(path, json={"count": 1}, headers={"Authorization": f"Bearer {with_key}"})
        return answer.status_code, {name: said for name, said in answer.json.items() if name != "request_id"}

    assert ask(key)[0] == 201
    world.close(contract)
    delete(contract)
    assert ask(key) == ask("alk_live_" + "0" * 61)
    assert ask(key)[0] == 401


@pytest.mark.parametrize("change", ["closed = false", "accepting = true", "reserved = 1"])
def test_the_database_opens_no_deleted_contract(world: World, owner_url: str, change: str) -> None:
    delete(closed(world))
    with psycopg.connect(owner_url) as connection, pytest.raises(psycopg.errors.IntegrityError):
        connection.execute(f"UPDATE contract_quota SET {change}".encode())  # noqa: S608 - written above


def test_staff_who_had_the_form_open_make_no_test_license(world: World) -> None:
    """What a test generation reads of the contract may be older than the deletion; the counters are not."""
    contract = closed(world)
    with transaction(environment_id=1):
        blueprint = get_blueprint(contract_id=contract.id)
    delete(contract)
    order = Order(count=1, method="manual", by=COMMAND, at=clock.now(), test=True)
    with pytest.raises(ContractInactive), transaction(environment_id=1):
        generate(blueprint=blueprint, order=order)
