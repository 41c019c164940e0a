"""Making licenses: quota, refusals, replays and what is recorded (SPEC 5, C-3 to C-8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared import clock
from shared.errors import (
    ContractExpired,
    ContractInactive,
    CountOutOfRange,
    DomainError,
    GeneratorUnavailable,
    IdempotencyKeyReused,
    KeySpaceTooSmall,
    NotFound,
    ProductInactive,
    QuotaExceeded,
    TestLimitReached,
)
from shared.models.contract import QUOTA_MOST, expiry_of
from shared.services import contracts, generators, products
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.services.idempotency import claim_of
from shared.transaction import transaction
from tests.world import World, one, rows


def claim(key: str, **request: object):
    return claim_of(scope="ui", key=key, request=request)


def test_more_than_remains_makes_nothing_and_names_the_numbers(world: World):
    contract = world.contract(quota=10)
    world.generate(contract, 7)
    with pytest.raises(QuotaExceeded, match="4 licenses were asked for and 3 of 10 remain") as refusal:
        world.generate(contract, 4)
    assert refusal.value.members["quota_used"] == 7
    assert world.counters(contract) == (7, 0, 7)
    assert world.generate(contract, 3).quota_remaining == 0


def test_an_inactive_contract_makes_nothing_by_any_method(world: World):
    contract = world.contract(active=False)
    for method in ("manual", "api", "scheduled"):
        with pytest.raises(ContractInactive):
            world.generate(contract, 1, method=method)
    assert world.counters(contract) == (0, 0, 0)


def test_a_gate_closed_after_it_was_read_still_refuses(world: World):
    """The blueprint may be old by the time the statement runs: the row decides (SCHEMA 1)."""
    contract = world.contract()
    with transaction(environment_id=1):
        read_before = get_blueprint(contract_id=contract.id)
    world.close(contract)
    with pytest.raises(ContractInactive), transaction(environment_id=1):
        generate(blueprint=read_before, order=Order(count=1, method="api", by=COMMAND, at=clock.now()))


@pytest.mark.parametrize("count", [0, -1, 1001, 2**62])
def test_a_count_outside_the_contract_is_refused(world: World, count: int):
    contract = world.contract(quota=1000)
    with pytest.raises((CountOutOfRange, QuotaExceeded)):
        world.generate(contract, count)


def test_product_generator_and_date_stop_generation_and_say_which(world: World):
    generator = world.generator()
    contract = world.contract(generator=generator)
    dated = world.contract(generator=generator, expiry_kind="date", expiry_date=date(2020, 1, 1))
    with pytest.raises(ContractExpired, match="2020-01-01"):
        world.generate(dated, 1)
    with transaction(environment_id=1):
        generators.amend(generator_id=generator.id, fields={"status": "inactive"}, by=COMMAND)
    with pytest.raises(GeneratorUnavailable):
        world.generate(contract, 1)
    with transaction(environment_id=1):
        products.amend(product_id=generator.product_id, fields={"status": "inactive"}, by=COMMAND)
    with pytest.raises(ProductInactive):
        world.generate(contract, 1)


def test_the_same_key_is_the_first_answer_again_even_when_the_quota_is_full(world: World):
    contract = world.contract(quota=5)
    first = world.generate(contract, 5, claim=claim("a", count=5))
    again = world.generate(contract, 5, claim=claim("a", count=5))
    assert (again.replayed, again.licenses, again.quota_remaining) == (True, first.licenses, 0)
    assert world.counters(contract) == (5, 0, 5)


def test_the_same_key_with_another_request_is_refused(world: World):
    contract = world.contract()
    world.generate(contract, 5, claim=claim("a", count=5))
    with pytest.raises(IdempotencyKeyReused):
        world.generate(contract, 6, claim=claim("a", count=6))


def test_a_refusal_is_not_remembered_so_the_key_works_after_a_raise(world: World):
    contract = world.contract(quota=1)
    with pytest.raises(QuotaExceeded):
        world.generate(contract, 2, claim=claim("a", count=2))
    with transaction(environment_id=1):
        contracts.set_quota(contract_id=contract.id, quota=2, by=COMMAND, at=clock.now())
    assert not world.generate(contract, 2, claim=claim("a", count=2)).replayed


def test_all_licenses_of_a_generation_share_the_terms_of_their_moment(world: World):
    contract = world.contract(
        overrides={"seats": 9}, activation_limit=4, expiry_kind="duration", expiry_n=1, expiry_unit="months"
    )
    made = world.generate(contract, 3, at=datetime(2027, 1, 31, 12, tzinfo=UTC))
    world.amend(contract, overrides={"seats": 1}, activation_limit=None, expiry_kind="never")
    stored = rows(
        "SELECT DISTINCT activation_limit, expires_at FROM license WHERE contract_id = %(id)s", id=contract.id
    )
    assert [tuple(row) for row in stored] == [(4, datetime(2027, 2, 28, 12, tzinfo=UTC))]
    assert made.terms["features"] == {"seats": 9}


@pytest.mark.parametrize(("start", "n", "unit", "end"), [
    (datetime(2028, 1, 31, tzinfo=UTC), 1, "months", datetime(2028, 2, 29, tzinfo=UTC)),
    (datetime(2028, 2, 29, tzinfo=UTC), 1, "years", datetime(2029, 2, 28, tzinfo=UTC)),
    (datetime(2026, 12, 31, tzinfo=UTC), 2, "days", datetime(2027, 1, 2, tzinfo=UTC)),
    (datetime(2026, 12, 31, tzinfo=UTC), 9000, "years", datetime(9999, 12, 31, tzinfo=UTC)),
])  # fmt: skip
def test_durations_are_calendar_arithmetic(start: datetime, n: int, unit: str, end: datetime):
    assert expiry_of(kind="duration", n=n, unit=unit, last_day=None, at=start) == end


def test_a_fixed_date_is_good_through_the_end_of_that_day():
    assert expiry_of(kind="date", n=None, unit=None, last_day=date(2027, 3, 1), at=clock.now()) == datetime(
        2027, 3, 2, tzinfo=UTC
    )


def test_test_licenses_use_no_quota_and_end_within_seven_days(world: World):
    contract = world.contract(quota=1, active=False)
    made = world.generate(contract, 5, test=True)
    assert world.counters(contract) == (0, 0, 0)
    assert made.quota_remaining == 1
    assert datetime.fromisoformat(made.terms["expires_at"]) <= clock.now() + timedelta(days=7)
    for _ in range(9):
        world.generate(contract, 5, test=True)
    with pytest.raises(TestLimitReached):
        world.generate(contract, 1, test=True)
    with pytest.raises(CountOutOfRange):
        world.generate(contract, 6, test=True)


def test_a_partner_may_test_before_the_first_activation_and_not_after_a_deactivation(world: World):
    contract = world.contract(active=False)
    world.generate(contract, 1, test=True, method="api")
    opened = world.contract()
    world.close(opened)
    with pytest.raises(ContractInactive):
        world.generate(opened, 1, test=True, method="api")


def test_a_key_space_that_cannot_hold_the_quota_is_refused_before_it_starts(world: World):
    generator = world.generator(pattern="*" * 20, alphabet="digits")
    contract = world.contract(generator=generator, quota=QUOTA_MOST)
    with pytest.raises(KeySpaceTooSmall):
        world.generate(contract, 1)


def test_the_largest_quota_does_not_overflow(world: World):
    contract = world.contract(generator=world.generator(format="uuid", pattern=None), quota=QUOTA_MOST)
    assert world.generate(contract, 2).quota_remaining == QUOTA_MOST - 2
    with pytest.raises(QuotaExceeded):
        world.generate(contract, QUOTA_MOST)


def test_one_audit_entry_is_written_with_each_generation_and_none_with_a_refusal(world: World):
    contract = world.contract(quota=3)
    world.generate(contract, 3)
    with pytest.raises(DomainError):
        world.generate(contract, 1)
    found = one("SELECT count(*) AS n, count(u.entry_id) AS unsealed FROM audit_entry e LEFT JOIN audit_unsealed u"
                " ON u.entry_id = e.id WHERE action = 'licenses.generated'")  # fmt: skip
    assert (found.n, found.unsealed) == (1, 1)


def test_a_contract_of_another_environment_is_not_found(world: World):
    contract = world.contract()
    with pytest.raises(NotFound), transaction(environment_id=2):
        contracts.get(contract_id=contract.id)
