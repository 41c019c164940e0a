"""The audit trail of the back-office is complete: once for what is done, once for a denial, else never (P10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask
from structlog.testing import capture_logs

from tests.admin.matrix import MATRIX, OPEN
from tests.admin.office import PASSWORD, Visit
from tests.admin.valid_forms import CASES, Sent
from tests.admin.walk import served
from tests.faults.office_map import endpoint_of
from tests.faults.office_verdict import digest
from tests.world import World, rows

# Deferred, so that all the work of the transaction is done and only its COMMIT fails.
CRASH = """
CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'crash before COMMIT'; END$$;
CREATE CONSTRAINT TRIGGER crash AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION crash()
"""
# One asks without changing anything; a second factor has tests of its own.
NOT_HERE = {"/admin/contracts/bulk/", "/admin/staff/<uuid:row_id>/second-factor/"}


@contextmanager
def crash_before_commit(owner_url: str) -> Iterator[None]:
    """Let every transaction that records something fail at its COMMIT."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(CRASH)
        try:
            yield
        finally:
            owner.execute("DROP FUNCTION crash CASCADE")


def entries() -> dict[object, str]:
    return {row.id: row.action for row in rows("SELECT id, action FROM audit_entry")}


def left_by(visit: Visit, sent: Sent, **spoilt: str) -> tuple[int, list[str], bool]:
    """Send a form and return the status, the actions it left in the audit trail, and whether anything changed."""
    token, before, was = visit.token(), entries(), digest()
    answer = visit.client.post(sent.path, data={"csrf_token": token, **sent.fields, **spoilt})
    left = [action for entry, action in entries().items() if entry not in before]
    return answer.status_code, sorted(left), digest() != was


def changing(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield route and endpoint of everything that needs more than a viewer's role to be changed."""
    for route, methods in served(app).items():
        if MATRIX[route].get("POST", "viewer") not in {"viewer", OPEN} and route not in NOT_HERE:
            yield route, methods["POST"]


def test_every_form_leaves_exactly_the_entries_of_what_it_did(admin_app: Flask, world: World, owner_url: str) -> None:
    chief = Visit(admin_app).sign_in_as("super_admin", password=PASSWORD)
    operator = Visit(admin_app).sign_in_as("operator")
    wrong, sent_forms, reached = list[str](), 0, set[str | None]()
    for name, make in CASES.items():
        sent = make(world, chief)
        reached.add(endpoint_of(admin_app, sent.path, "POST"))
        with crash_before_commit(owner_url), capture_logs():  # a traceback is slow to write
            crashed = left_by(chief, sent)
        told = {
            "crashed": (crashed, (500, [], False)),
            "denied": (left_by(operator, sent), (403, ["permission.denied"], False)),
        }
        if sent.spoilt:
            status, *rest = left_by(chief, sent, **sent.spoilt)
            told["invalid"] = ((status // 100, *rest), (4, [], False))
        status, *rest = left_by(chief, sent)
        told["ok"] = ((status < 400, *rest), (True, sorted(sent.leaves), True))
        sent_forms += len(told)
        wrong += [f"{name}, {case}: {found}, not {wanted}" for case, (found, wanted) in told.items() if found != wanted]
    print(f"\n{len(CASES)} kinds of changes, {sent_forms} forms sent: {len(wrong)} left other than their own entries")
    assert wrong == []
    assert [route for route, endpoint in changing(admin_app) if endpoint not in reached] == []
