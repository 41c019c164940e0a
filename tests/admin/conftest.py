"""People to visit the back-office with."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.admin.office import Visit

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
