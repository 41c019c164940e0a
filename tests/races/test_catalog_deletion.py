"""A product or generator is deleted while somebody chooses it: the contract or the deletion, never both."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from shared import clock
from shared.errors import DomainError, InUse, InvalidInput, NotFound
from shared.models import Generator
from shared.services import contracts, generators, products
from shared.services.audit import COMMAND
from shared.services.keys import Keyring
from shared.transaction import transaction
from tests.races.test_deletion import WAITING, Run
from tests.running import wait_until
from tests.world import World, one


def choose(generator: Generator, keyring: Keyring) -> None:
    fields = {"name": uuid.uuid4().hex, "product_id": generator.product_id, "generator_id": generator.id}
    with transaction(environment_id=1):
        contracts.create(fields=fields, quota=10, active=True, by=COMMAND, at=clock.now(), keyring=keyring)


def delete_generator(generator: Generator) -> None:
    with transaction(environment_id=1):
        generators.delete(generator_id=generator.id, by=COMMAND, at=clock.now())


def delete_product(generator: Generator) -> None:
    with transaction(environment_id=1):
        products.delete(product_id=generator.product_id, by=COMMAND, at=clock.now())


@pytest.mark.parametrize("is_deleted_first", [True, False])
def test_a_generator_is_chosen_or_deleted(world: World, app: Flask, owner_url: str, *, is_deleted_first: bool) -> None:
    generator = world.generator()
    acts: list[Callable[[], None]] = [
        lambda: delete_generator(generator),
        lambda: choose(generator, world.keyring),
    ]
    first, second = acts if is_deleted_first else reversed(acts)
    assert refusals(app, owner_url, generator, first, second) == (
        [None, InvalidInput] if is_deleted_first else [None, InUse]
    )
    left = one("SELECT count(*) AS n FROM contract c JOIN generator g ON g.id = c.generator_id"
               " WHERE g.deleted_at IS NOT NULL")  # fmt: skip
    assert left.n == 0


def test_a_product_is_deleted_before_a_generator_is_made_for_it(world: World, app: Flask, owner_url: str) -> None:
    product = world.product()

    def make() -> None:
        with transaction(environment_id=1):
            generators.create(product_id=product.id, fields={"name": "Late", "format": "uuid"}, by=COMMAND)

    def delete() -> None:
        with transaction(environment_id=1):
            products.delete(product_id=product.id, by=COMMAND, at=clock.now())

    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT FROM product FOR UPDATE")
        runs = [Run(app, delete)]
        wait_until(lambda: one(WAITING).n >= 1, 3, "The deletion waiting")
        runs.append(Run(app, make))
        wait_until(lambda: one(WAITING).n >= 2, 3, "The generator waiting")
    for run in runs:
        run.join()
    assert [run.refusal for run in runs] == [None, NotFound]
    assert one("SELECT count(*) AS n FROM generator").n == 0


def test_a_product_in_use_is_refused_whatever_uses_it(world: World) -> None:
    generator = world.generator()
    with pytest.raises(InUse, match="in use by 1 generator"):
        delete_product(generator)


def refusals(
    app: Flask, owner_url: str, generator: Generator, *acts: Callable[[], None]
) -> list[type[DomainError] | None]:
    """Let each act wait for the generator behind the one before it; return what each met."""
    runs: list[Run] = []
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT FROM generator WHERE id = %s FOR UPDATE", [generator.id])
        for act in acts:
            runs.append(Run(app, act))
            wait_until(lambda: one(WAITING).n >= len(runs), 3, "The act waiting for its lock")
    for run in runs:
        run.join()
    return [run.refusal for run in runs]
