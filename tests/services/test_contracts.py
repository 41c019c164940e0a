"""Contracts: what is refused, what is fixed, what may change and what is recorded (SPEC 2, C-1, C-2, C-5, C-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared import clock, db
from shared.errors import (
    GeneratorUnavailable,
    Immutable,
    InvalidInput,
    NotFound,
    ProductInactive,
    StaleVersion,
)
from shared.models import Contract
from shared.services import contracts, generators, keys, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.world import PRODUCTION, STAGING, World, one, rows


def amend(world: World, contract: Contract, *, quota: int | None = None, **fields: Any) -> Contract:
    with transaction(environment_id=contract.environment_id):
        return contracts.amend(
            contract_id=contract.id, version=contract.version, fields=fields, quota=quota, by=COMMAND,
            at=clock.now(), keyring=world.keyring,
        )[0]  # fmt: skip


def set_quota(contract: Contract, quota: Any) -> Contract:
    with transaction(environment_id=contract.environment_id):
        return contracts.set_quota(contract_id=contract.id, quota=quota, by=COMMAND, at=clock.now())


def actions(contract: Contract) -> list[str]:
    found = rows("SELECT action FROM audit_entry WHERE contract_id = %(id)s ORDER BY id", id=contract.id)
    return [row.action for row in found]


def test_a_product_that_cannot_be_chosen_is_refused(world: World) -> None:
    generator = world.generator(world.product(environment_id=STAGING))
    chosen = {"name": "C", "product_id": generator.product_id, "generator_id": generator.id}
    with pytest.raises(NotFound), transaction(environment_id=PRODUCTION):
        create(world, chosen)
    with transaction(environment_id=STAGING):
        products.amend(product_id=generator.product_id, fields={"status": "inactive"}, by=COMMAND)
    with pytest.raises(ProductInactive), transaction(environment_id=STAGING):
        create(world, chosen)


def test_a_generator_that_cannot_be_chosen_is_refused(world: World) -> None:
    mine, other = world.generator(), world.generator()
    chosen = {"name": "C", "product_id": mine.product_id, "generator_id": other.id}
    with pytest.raises(InvalidInput, match=r"Choose a generator of this product\."), transaction(environment_id=1):
        create(world, chosen)
    with transaction(environment_id=1):
        generators.amend(generator_id=mine.id, fields={"status": "inactive"}, by=COMMAND)
    with pytest.raises(GeneratorUnavailable), transaction(environment_id=1):
        create(world, {**chosen, "generator_id": mine.id})
    assert one("SELECT count(*) AS n FROM contract").n == 0


def create(world: World, fields: dict[str, Any]) -> Contract:
    return contracts.create(
        fields=fields, quota=1, active=True, by=COMMAND, at=clock.now(), keyring=world.keyring
    )[0]  # fmt: skip


@pytest.mark.parametrize("spelling", ["Spring", "sPRING", "  Spring\n"])
def test_a_name_is_taken_in_its_environment_whatever_its_case(world: World, spelling: str) -> None:
    world.contract(name="Spring")
    with pytest.raises(InvalidInput, match="Another contract is named") as refusal:
        world.contract(name=spelling)
    assert set(refusal.value.problems) == {"name"}
    staging = world.generator(world.product(environment_id=STAGING))
    assert world.contract(name=spelling, generator=staging).name == spelling.strip()


def test_a_name_typed_in_decomposed_letters_is_the_same_name(world: World) -> None:
    world.contract(name="Caf\u00e9")
    with pytest.raises(InvalidInput):
        world.contract(name="Cafe\u0301")


def test_a_name_is_free_again_once_its_contract_is_deleted(world: World) -> None:
    gone = world.contract(name="Spring")
    with transaction(environment_id=1):
        db.run("UPDATE contract SET deleted_at = now() WHERE id = %(id)s", id=gone.id)
    assert world.contract(name="SPRING").id != gone.id


def test_a_name_taken_by_amending_is_refused_and_nothing_of_the_form_is_saved(world: World) -> None:
    world.contract(name="Spring")
    contract = world.contract(name="Autumn")
    with pytest.raises(InvalidInput, match="Choose another name"):
        amend(world, contract, name="spring", notes="lost")
    stored = one("SELECT name, notes, version FROM contract WHERE id = %(id)s", id=contract.id)
    assert tuple(stored) == ("Autumn", None, 1)


def test_type_and_product_are_fixed_and_sending_them_unchanged_is_no_fault(world: World) -> None:
    contract = world.contract()
    with pytest.raises(Immutable, match=r"The type of a contract is fixed when it is created\. Make a new contract\."):
        amend(world, contract, type="pool")
    with pytest.raises(Immutable, match="The product of a contract is fixed"):
        amend(world, contract, product_id=world.product().id)
    amend(world, contract, **{name: getattr(contract, name) for name in ("type", "product_id", "environment_id", "id")})
    assert actions(contract) == ["contract.created"]


def test_a_stale_form_saves_nothing(world: World) -> None:
    opened = world.contract()
    version = opened.version
    amend(world, opened, notes="first")
    opened.version = version
    with pytest.raises(StaleVersion):
        amend(world, opened, notes="second")
    assert one("SELECT notes FROM contract WHERE id = %(id)s", id=opened.id).notes == "first"


def test_a_quota_drawn_on_only_grows_and_the_refusal_names_both_numbers_and_the_way_out(world: World) -> None:
    contract = world.contract(quota=10)
    assert set_quota(contract, 4).quota.quota == 4
    world.generate(contract, 3)
    with pytest.raises(InvalidInput, match=r"quota is 4 and 3 licenses were drawn .* shrink to 3\. .* make a new one"):
        set_quota(contract, 3)
    assert set_quota(contract, 5).quota.quota == 5
    assert world.generate(contract, 2).quota_remaining == 0
    assert actions(contract) == [
        "contract.created", "contract.quota_lowered", "licenses.generated", "contract.quota_raised",
        "licenses.generated",
    ]  # fmt: skip


def test_what_a_job_has_reserved_keeps_the_quota_from_shrinking_too(world: World) -> None:
    contract = world.contract(quota=1000)
    world.generate(contract, 100)
    with pytest.raises(InvalidInput, match="100 licenses were drawn"):
        set_quota(contract, 999)


def test_a_form_with_a_refused_quota_or_field_saves_neither(world: World) -> None:
    contract = world.contract(quota=10)
    world.generate(contract, 5)
    with pytest.raises(InvalidInput):
        amend(world, contract, quota=4, notes="lost")
    with pytest.raises(InvalidInput):
        amend(world, contract, quota=20, name="")
    stored = one("SELECT c.notes, q.quota FROM contract c JOIN contract_quota q ON q.contract_id = c.id")
    assert tuple(stored) == (None, 10)


def test_a_contract_of_another_environment_cannot_be_touched(world: World) -> None:
    contract = world.contract()
    for act in (contracts.activate, contracts.deactivate):
        with pytest.raises(NotFound), transaction(environment_id=STAGING):
            act(contract_id=contract.id, by=COMMAND, at=clock.now())
    with pytest.raises(NotFound), transaction(environment_id=STAGING):
        contracts.set_quota(contract_id=contract.id, quota=5000, by=COMMAND, at=clock.now())
    assert actions(contract) == ["contract.created"]


def test_a_contract_takes_the_environment_of_its_product_and_never_an_input(world: World) -> None:
    staging = world.generator(world.product(environment_id=STAGING))
    assert world.contract(generator=staging).environment_id == STAGING
    for forged in ("environment_id", "created_by", "version", "deleted_at", "used"):
        with pytest.raises(TypeError, match=f"cannot be given {forged}"):
            world.contract(generator=staging, **{forged: PRODUCTION})
    with pytest.raises(Immutable, match="The environment of a contract is fixed"):
        amend(world, world.contract(), environment_id=STAGING)


def test_activation_is_recorded_once_and_its_first_time_is_kept(world: World) -> None:
    contract, first = world.contract(active=False), clock.now()
    assert contract.activated_at is None
    for at in (first, first + timedelta(days=1)):
        with transaction(environment_id=1):
            contracts.activate(contract_id=contract.id, by=COMMAND, at=at)
    world.close(contract)
    with transaction(environment_id=1):
        again = contracts.activate(contract_id=contract.id, by=COMMAND, at=first + timedelta(days=2))
    assert (again.activated_at, again.status) == (first, "active")
    assert actions(contract)[1:] == ["contract.activated", "contract.deactivated", "contract.activated"]


def test_api_access_off_and_on_again_keeps_the_same_key(world: World) -> None:
    contract, _ = world.reseller()
    with transaction(environment_id=1):
        before = keys.find_current(contract_id=contract.id)
    contract = amend(world, contract, api_access=False)
    with transaction(environment_id=1):
        contract, issued = contracts.amend(
            contract_id=contract.id, version=contract.version, fields={"api_access": True}, by=COMMAND,
            at=clock.now(), keyring=world.keyring,
        )  # fmt: skip
        after = keys.find_current(contract_id=contract.id)
    assert issued is None
    assert before is not None
    assert after is not None
    assert after.digest == before.digest


def test_api_access_makes_a_key_in_the_same_step_and_none_without(world: World) -> None:
    assert world.contract_and_key()[1] == ""
    assert world.reseller()[1].startswith("alk_live_")
    staging = world.generator(world.product(environment_id=STAGING))
    assert world.reseller(generator=staging)[1].startswith("alk_test_")


def test_another_generator_of_the_product_makes_the_next_licenses_only(world: World) -> None:
    product = world.product()
    old, new = world.generator(product, pattern="OLD-" + "*" * 20), world.generator(product, pattern="NEW-" + "*" * 20)
    contract = world.contract(generator=old)
    assert world.generate(contract, 1).licenses[0].key.startswith("OLD-")
    with pytest.raises(InvalidInput, match="Choose a generator of this product"):
        amend(world, contract, generator_id=world.generator().id)
    amend(world, contract, generator_id=new.id)
    assert world.generate(contract, 1).licenses[0].key.startswith("NEW-")
    assert one("SELECT count(*) AS n FROM license WHERE key LIKE 'OLD-%%'").n == 1


def test_a_change_is_recorded_with_its_fields_before_and_after_and_no_change_is_not(world: World) -> None:
    contract = world.contract(allow="192.0.2.0/24 # office", overrides='{"seats": 1}')
    amend(world, contract, allow="192.0.2.0/24", overrides={"seats": 1}, per_minute="")
    assert (actions(contract), contract.version) == (["contract.created"], 1)
    amended = amend(world, contract, allow="198.51.100.7", per_minute="10")
    found = one("SELECT changes FROM audit_entry WHERE action = 'contract.amended'").changes
    assert found == {"allow": [["192.0.2.0/24"], ["198.51.100.7/32"]], "per_minute": [None, 10]}
    assert amended.version == 2
