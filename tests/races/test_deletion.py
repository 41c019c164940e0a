"""A contract is deleted while others work on it: one order of things, and books that balance (SPEC C-13)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask

from shared import clock
from shared.errors import ContractInactive, ContractStillActive, DomainError, JobUnderWay, NotFound
from shared.models import Contract
from shared.services import contract_deletion, contracts
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.transaction import single_statement, transaction
from tests.running import wait_until
from tests.world import World, one

WAITING = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
ROUNDS = 12


def delete(contract: Contract) -> None:
    with transaction(environment_id=1):
        contract_deletion.delete(contract_id=contract.id, typed_name=contract.name, by=COMMAND, at=clock.now())


def activate(contract: Contract) -> None:
    with transaction(environment_id=1):
        contracts.activate(contract_id=contract.id, by=COMMAND, at=clock.now())


def order(count: int, *, test: bool = False) -> Order:
    return Order(count=count, method="manual", by=COMMAND, at=clock.now(), test=test)


class Run(threading.Thread):
    """One act on a connection of its own; ``refusal`` is the DomainError it met."""

    def __init__(self, app: Flask, act: Callable[[], object]) -> None:
        super().__init__()
        self._app, self._act = app, act
        self.refusal: type[DomainError] | None = None
        self.start()

    def run(self) -> None:
        with self._app.app_context():
            try:
                self._act()
            except DomainError as refusal:
                self.refusal = type(refusal)


@contextmanager
def holding_counters(owner_url: str, contract: Contract) -> Iterator[None]:
    """Make everybody wait in front of the counters, in the order they come."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT FROM contract_quota WHERE contract_id = %s FOR UPDATE", [contract.id])
        yield


def one_after_the_other(owner_url: str, app: Flask, contract: Contract, *acts: Callable[[], object]) -> list[Run]:
    """Start each act once the one before it waits; then let go."""
    runs: list[Run] = []
    with holding_counters(owner_url, contract):
        for act in acts:
            runs.append(Run(app, act))
            wait_until(lambda: one(WAITING).n >= len(runs), 3, "The act waiting for its lock")
    for run in runs:
        run.join()
    return runs


@pytest.mark.parametrize("is_deleted_first", [True, False])
def test_a_test_generation_in_flight_is_whole_before_the_deletion_or_refused(
    world: World, app: Flask, owner_url: str, *, is_deleted_first: bool
) -> None:
    """Before go-live the gate is open to test licenses, so they are what can meet a deletion."""
    contract = world.contract(active=False)
    with transaction(environment_id=1):
        blueprint = get_blueprint(contract_id=contract.id)

    def make() -> None:
        with single_statement():
            generate(blueprint=blueprint, order=order(3, test=True))

    def remove() -> None:
        delete(contract)

    acts = (remove, make) if is_deleted_first else (make, remove)
    runs = one_after_the_other(owner_url, app, contract, *acts)
    assert [run.refusal for run in runs] == ([None, ContractInactive] if is_deleted_first else [None, None])
    made = one("SELECT test_live, closed, (SELECT count(*) FROM license) AS licenses FROM contract_quota")
    assert (made.test_live, made.licenses, made.closed) == ((0, 0, True) if is_deleted_first else (3, 3, True))


@pytest.mark.parametrize("count", [5, 100])
def test_what_was_accepted_before_the_gate_closed_is_seen_by_the_deletion(
    world: World, app: Flask, owner_url: str, count: int
) -> None:
    """A generation, a deactivation and a deletion in one queue: a job that got in keeps the contract."""
    contract = world.contract()
    runs = one_after_the_other(
        owner_url, app, contract,
        lambda: world.generate(contract, count), lambda: world.close(contract), lambda: delete(contract),
    )  # fmt: skip
    assert [run.refusal for run in runs] == [None, None, JobUnderWay if count == 100 else None]
    assert world.counters(contract) == ((0, 100, 0) if count == 100 else (5, 0, 5))
    assert one("SELECT closed FROM contract_quota").closed == (count == 5)


def test_activated_or_deleted_never_both(world: World, app: Flask) -> None:
    found = set()
    for _ in range(ROUNDS):
        contract = world.contract(active=False)
        runs = [Run(app, lambda: activate(contract)), Run(app, lambda: delete(contract))]  # noqa: B023 - joined below
        for run in runs:
            run.join()
        found.add(tuple(run.refusal for run in runs))
        row = one("SELECT accepting, closed FROM contract_quota WHERE contract_id = %(id)s", id=contract.id)
        assert row.accepting != row.closed
    assert found <= {(None, ContractStillActive), (NotFound, None)}


def test_two_who_delete_the_same_contract_leave_one_entry(world: World, app: Flask, owner_url: str) -> None:
    contract, _ = world.contract_and_key(api_access=True, active=False)
    runs = one_after_the_other(owner_url, app, contract, lambda: delete(contract), lambda: delete(contract))
    assert [run.refusal for run in runs] == [None, NotFound]
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'contract.deleted'").n == 1


def test_a_key_that_is_being_used_does_not_stand_in_the_way(world: World, app: Flask, owner_url: str) -> None:
    """The log of calls notes the use of keys; the deletion waits for it and neither fails."""
    contract, _ = world.contract_and_key(api_access=True, active=False)
    with psycopg.connect(owner_url) as log:
        log.execute("UPDATE contract_key SET last_used_at = now()")
        run = Run(app, lambda: delete(contract))
        wait_until(lambda: one(WAITING).n == 1, 3, "The deletion waiting for the key")
    run.join()
    assert run.refusal is None
    assert one("SELECT count(*) AS n FROM contract_key").n == 0
