"""People to visit the back-office with."""

import uuid
from collections.abc import Callable, Mapping

import pytest
from flask import Flask

from tests.admin.office import Visit, new_person
from tests.world import World

Visits = Callable[[str], Visit]


@pytest.fixture
def stranger(admin_app: Flask) -> Visit:
    """Nobody: a browser that has never been here."""
    return Visit(admin_app)


@pytest.fixture
def signed_in(admin_app: Flask) -> Visits:
    """Sign in as a new person of a role."""
    return lambda role: Visit(admin_app).sign_in_as(role)


@pytest.fixture
def admin(admin_app: Flask) -> Visit:
    return Visit(admin_app).sign_in_as("admin")


@pytest.fixture
def viewer(admin_app: Flask) -> Visit:
    return Visit(admin_app).sign_in_as("viewer")


@pytest.fixture
def arguments(world: World) -> Mapping[str, Mapping[str, uuid.UUID]]:
    """Ids of real rows for the routes of each blueprint."""
    contract, _ = world.reseller()
    made = world.generate(contract, 2)
    job = world.generate(contract, 100)
    license_id = uuid.UUID(made.licenses[0].id)
    return {
        "contracts": {"row_id": contract.id, "generation_id": made.generation_id},
        "products": {"row_id": contract.product_id},
        "generators": {"row_id": contract.generator_id},
        "licenses": {"row_id": license_id},
        "jobs": {"row_id": job.generation_id},
        "staff": {"row_id": new_person("operator")},
    }
