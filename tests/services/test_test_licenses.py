"""Test licenses: the window for partners and the purge (SPEC C-11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared import clock
from shared.errors import ContractInactive, InvalidInput, LicensesPurged, NotFound, TestLimitReached
from shared.models import Contract
from shared.services import test_licenses
from shared.services.audit import COMMAND
from shared.services.idempotency import claim_of
from shared.transaction import transaction
from tests.world import World, one, rows

REQUEST = {"count": 2, "test": True}


def trial(world: World, contract: Contract, count: int = 2, **order: object) -> None:
    world.generate(contract, count, test=True, **order)


def closed(world: World) -> Contract:
    """Return a contract that was active once and is not now."""
    contract = world.contract()
    world.close(contract)
    return contract


def open_window(contract: Contract, length: timedelta = timedelta(hours=1)) -> None:
    with transaction(environment_id=contract.environment_id):
        test_licenses.open_window(contract_id=contract.id, length=length, by=COMMAND, at=clock.now())


def purge(contract: Contract) -> int:
    with transaction(environment_id=contract.environment_id):
        return test_licenses.purge(contract_id=contract.id, by=COMMAND)


def test_a_partner_makes_none_from_a_closed_contract_without_a_window(world: World) -> None:
    contract = closed(world)
    with pytest.raises(ContractInactive):
        trial(world, contract, method="api")
    trial(world, contract, method="manual")
    assert one("SELECT test_live, used FROM contract_quota")[:] == (2, 0)


def test_in_the_window_a_partner_makes_them_and_after_it_none(world: World) -> None:
    contract = closed(world)
    open_window(contract)
    trial(world, contract, method="api")
    with pytest.raises(ContractInactive):
        trial(world, contract, method="api", at=clock.now() + timedelta(hours=1, seconds=1))
    with transaction(environment_id=contract.environment_id):
        test_licenses.close_window(contract_id=contract.id, by=COMMAND, at=clock.now())
    with pytest.raises(ContractInactive):
        trial(world, contract, method="api")
    actions = [row.action for row in rows("SELECT action FROM audit_entry WHERE action ~ 'test_window' ORDER BY id")]
    assert actions == ["contract.test_window_opened", "contract.test_window_closed"]


@pytest.mark.parametrize("length", [timedelta(), timedelta(minutes=59), timedelta(days=7, seconds=1)])
def test_a_window_is_one_hour_to_seven_days_long(world: World, length: timedelta) -> None:
    contract = closed(world)
    with pytest.raises(InvalidInput, match="1 hour to 7 days"):
        open_window(contract, length)
    assert one("SELECT test_until FROM contract").test_until is None


def test_a_purge_takes_test_licenses_alone_and_makes_room(world: World) -> None:
    contract = world.contract()
    world.generate(contract, 3)
    for _ in range(10):
        trial(world, contract, 5)
    with pytest.raises(TestLimitReached):
        trial(world, contract, 1)
    assert purge(contract) == 50
    assert one("SELECT count(*) AS n FROM license").n == 3
    assert one("SELECT test_live, used FROM contract_quota")[:] == (0, 3)
    entry = one("SELECT * FROM audit_entry WHERE action = 'contract.test_licenses_purged'")
    assert entry.changes == {"count": 50}
    trial(world, contract, 5)


def test_a_second_purge_finds_nothing_and_records_nothing(world: World) -> None:
    contract = world.contract()
    trial(world, contract)
    assert [purge(contract), purge(contract)] == [2, 0]
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'contract.test_licenses_purged'").n == 1


def test_the_same_request_after_a_purge_is_told_that_its_licenses_are_gone(world: World) -> None:
    contract = world.contract()
    claim = claim_of(scope="api", key="order-7", request=REQUEST)
    trial(world, contract, claim=claim)
    purge(contract)
    with pytest.raises(LicensesPurged):
        trial(world, contract, claim=claim)


def test_a_contract_of_another_environment_is_not_found(world: World) -> None:
    contract = closed(world)
    with pytest.raises(NotFound), transaction(environment_id=2):
        test_licenses.purge(contract_id=contract.id, by=COMMAND)
