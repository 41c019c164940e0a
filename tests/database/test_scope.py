"""Reads see one environment, and a read that names none is refused (SCHEMA 14, SPEC C-2)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from shared.db import EVERY_ENVIRONMENT, db
from shared.errors import EnvironmentNotChosen
from shared.models import Contract, Environment, License
from shared.transaction import transaction
from tests.world import PRODUCTION, STAGING, World

BARE_COUNT = sa.select(sa.func.count()).select_from(Contract)
INNER_COUNT = sa.select(sa.func.count()).select_from(sa.select(Contract.id).where(Contract.name != "").subquery())


@pytest.fixture
def one_in_each(world: World) -> None:
    for environment_id in (PRODUCTION, STAGING):
        world.contract(generator=world.generator(world.product(environment_id=environment_id)))


@pytest.mark.usefixtures("one_in_each")
@pytest.mark.parametrize(("scope", "seen"), [(PRODUCTION, 1), (STAGING, 1), (EVERY_ENVIRONMENT, 2)])
def test_a_read_sees_its_environment_only(scope: int, seen: int):
    with transaction(environment_id=scope):
        assert len(db.session.scalars(sa.select(Contract)).all()) == seen


@pytest.mark.usefixtures("one_in_each")
@pytest.mark.parametrize("statement", [sa.select(Contract), sa.select(Contract.name), sa.select(License.id)])
def test_a_read_without_an_environment_is_refused(statement: sa.Select):
    with pytest.raises(EnvironmentNotChosen), transaction():
        db.session.execute(statement)


@pytest.mark.usefixtures("one_in_each")
@pytest.mark.parametrize("statement", [BARE_COUNT, INNER_COUNT])
def test_a_count_that_no_mapper_sees_has_to_name_its_environment(statement: sa.Select):
    with pytest.raises(EnvironmentNotChosen), transaction(environment_id=PRODUCTION):
        db.session.execute(statement)


@pytest.mark.usefixtures("one_in_each")
def test_a_count_that_names_its_environment_is_let_through():
    with transaction(environment_id=PRODUCTION):
        assert db.session.scalar(BARE_COUNT.where(Contract.environment_id == STAGING)) == 1


@pytest.mark.usefixtures("app")
def test_what_belongs_to_no_environment_needs_none():
    with transaction():
        assert len(db.session.scalars(sa.select(Environment)).all()) == 3
