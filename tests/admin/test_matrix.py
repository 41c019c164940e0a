"""Nobody does more than the role: each route, method and role answers as the checked-in matrix says (P16, S-2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

import admin_app as office
from admin_app.permissions import OPEN_ROUTES
from shared import db as database
from shared.config import Settings
from tests.admin.conftest import Visits
from tests.admin.matrix import LADDER, MATRIX, OPEN
from tests.admin.office import Visit
from tests.admin.walk import Arguments, disagreements, served, walk
from tests.world import one


def test_every_route_has_a_line_and_every_line_a_route(admin_app: Flask) -> None:
    assert list(disagreements(admin_app)) == []


def test_the_matrix_is_open_only_where_the_gate_is(admin_app: Flask) -> None:
    said = {
        endpoint
        for route, methods in served(admin_app).items()
        for method, endpoint in methods.items()
        if MATRIX[route][method] == OPEN
    }
    assert said == OPEN_ROUTES


@pytest.mark.parametrize("role", LADDER)
def test_each_role_is_answered_as_the_matrix_says(signed_in: Visits, role: str, arguments: Arguments) -> None:
    assert list(walk(signed_in(role), role, arguments)) == []


def test_nobody_is_answered_as_the_matrix_says(stranger: Visit, arguments: Arguments) -> None:
    assert list(walk(stranger, None, arguments)) == []


def test_a_line_that_says_less_than_the_code_is_found(
    signed_in: Visits, arguments: Arguments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a matrix that forbids what the code allows, and one that allows what it forbids."""
    monkeypatch.setitem(MATRIX, "/admin/jobs/", {"GET": "admin"})
    monkeypatch.setitem(MATRIX, "/admin/settings/", {"GET": "viewer", "POST": "super_admin"})
    found = list(walk(signed_in("viewer"), "viewer", arguments))
    assert found == ["viewer GET /admin/jobs/: answered 200, not 403", "viewer GET /admin/settings/: was refused"]


def test_a_route_that_nobody_decided_is_refused_and_found(admin_app: Flask, settings: Settings) -> None:
    app = office.create_app(replace(settings))
    app.add_url_rule("/admin/undecided", "undecided", lambda: "let in", methods=["GET", "POST"])
    chief = Visit(app).sign_in_as("super_admin")
    assert chief.get("/admin/undecided").status_code == 403
    assert chief.post("/admin/undecided").status_code == 403
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'permission.denied'").n == 2
    assert [line for line in disagreements(app) if "add" in line] == [
        f'tests/admin/matrix.py: add "{method}": "<least of viewer, operator, admin, super_admin>"'
        ' to the line "/admin/undecided".'
        for method in ("GET", "POST")
    ]
    assert list(disagreements(admin_app)) == []
    with app.app_context():
        database.db.engine.dispose()
