"""The back-office while something else is broken: Redis, the audit trail, a database that takes no writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

import admin_app as office
from shared.config import Settings
from shared.db import db
from tests.admin.office import PASSWORD, Visit, hidden, words_of
from tests.faults.careless_partner import without_right
from tests.faults.office_attack import filled, fresh
from tests.faults.office_verdict import Verdict, digest
from tests.faults.office_world import furnish, map_office, password_of, sign_in
from tests.gateway.own_valkey import OwnValkey
from tests.world import World, rows

SLOWEST_SECONDS = 3.0  # a few questions to a Redis that hangs, each given up on after 0.4 s


@pytest.fixture
def alone(app: Flask, settings: Settings, own_valkey: OwnValkey) -> Iterator[Flask]:  # noqa: ARG001 - clean database
    """A back-office on a Redis that may be killed."""
    made = office.create_app(replace(settings, redis_url=own_valkey.url))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_every_page_answers_without_redis(alone: Flask, world: World, own_valkey: OwnValkey, how: str) -> None:
    furnish(world)
    visit = sign_in(alone)
    found = map_office(visit)
    own_valkey.kill() if how == "kill" else own_valkey.freeze()
    verdict, waits = Verdict(), []
    for endpoint, paths in found.pages.items():
        if endpoint != "health.ready":
            began = time.perf_counter()
            verdict.judge(visit.get(paths[0]), paths[0])
            waits.append(time.perf_counter() - began)
    own_valkey.thaw()
    late = sum(wait > 0.3 for wait in waits)
    print(f"\nRedis {how}: {verdict}; slowest page {max(waits):.2f} s, {late} of {len(waits)} later than 0.3 s")
    assert verdict.wrong == []
    assert max(waits) < SLOWEST_SECONDS
    assert late <= len(waits) // 4


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_signing_in_and_generating_go_on_without_redis(
    alone: Flask, world: World, own_valkey: OwnValkey, how: str
) -> None:
    contract, visit = world.contract(), sign_in(alone)
    password_of(visit)
    path = f"/admin/contracts/{contract.id}/generate/"
    form = {"submit_token": hidden(visit.get(path), "submit_token"), "count": "120"}
    own_valkey.kill() if how == "kill" else own_valkey.freeze()
    began = time.perf_counter()
    answers = [visit.post(path, form)]
    stranger = Visit(alone)
    answers.append(stranger.post("/sign-in", {"email": visit.email, "password": PASSWORD}))
    answers.append(stranger.post("/sign-in", {"email": visit.email, "password": "wrong"}))
    took = time.perf_counter() - began
    own_valkey.thaw()
    print(f"\nRedis {how}: job accepted, signed in and refused in {took:.2f} s together")
    assert [answer.status_code for answer in answers] == [303, 303, 401]
    assert took < 3 * SLOWEST_SECONDS


def test_a_reveal_that_cannot_be_recorded_shows_nothing(admin_app: Flask, world: World, owner_url: str) -> None:
    visit = sign_in(admin_app)
    contract, key = world.reseller()
    path = f"/admin/contracts/{contract.id}/key/reveal/"
    form = {"password": password_of(visit), "key_id": hidden(visit.get(path), "key_id")}
    with without_right(owner_url, "INSERT ON audit_entry", "allotment_app"):
        answer = visit.post(path, form)
    assert answer.status_code == 500
    assert key not in answer.text
    assert "This is a fault of ours and has been logged." in words_of(answer)
    assert rows("SELECT 1 FROM audit_entry WHERE action = 'contract_key.revealed'") == []
    assert key in visit.post(path, form).text


def test_nothing_is_changed_that_cannot_be_recorded(admin_app: Flask, world: World, owner_url: str) -> None:
    furnish(world)
    visit = sign_in(admin_app)
    forms = [
        (endpoint, form) for endpoint, form in map_office(visit).largest_forms() if not endpoint.startswith("auth.")
    ]
    with without_right(owner_url, "INSERT ON audit_entry", "allotment_app"):
        for endpoint, form in forms:
            fields, before = dict(filled(fresh(visit, form))), digest()
            answer = visit.client.post(form.action, data=fields)
            if answer.status_code >= 400:
                assert digest() == before, endpoint
                assert "alk_live_" not in answer.text.replace("alk_live_…", ""), endpoint


def test_a_database_that_takes_no_writes_is_busy_and_no_fault(admin_app: Flask, world: World) -> None:
    furnish(world)
    visit = sign_in(admin_app)
    found, before = map_office(visit), digest()
    made = office.create_app(admin_app.extensions["settings"])
    with made.app_context():
        sa.event.listen(db.engine, "connect", _read_only)
        cookie = visit.client.get_cookie("allotment")
        assert cookie is not None
        here = Visit(made)
        here.client.set_cookie("allotment", cookie.value)
        verdict = Verdict()
        for paths in found.pages.values():
            verdict.judge(here.get(paths[0]), paths[0])
        assert verdict.wrong == []
        refused = 0
        for endpoint, form in found.largest_forms():
            if not endpoint.startswith("auth."):
                answer = here.client.post(form.action, data=dict(filled(fresh(here, form))))
                assert answer.status_code != 500, endpoint
                refused += answer.status_code == 503 and answer.headers["Retry-After"] == "5"
        db.engine.dispose()
    assert refused >= 6
    assert digest() == before
    print(f"\na read-only database: every page answers, {refused} kinds of forms say 503 with Retry-After")


def _read_only(connection: psycopg.Connection, _record: object) -> None:
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def test_an_application_older_or_newer_than_the_schema_is_not_ready(admin_app: Flask, owner_url: str) -> None:
    visit = Visit(admin_app)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        (known,) = owner.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        for other in ("0001", "9999"):
            owner.execute("UPDATE alembic_version SET version_num = %s", [other])
            try:
                answer = visit.get("/readyz")
            finally:
                owner.execute("UPDATE alembic_version SET version_num = %s", [known])
            assert (answer.status_code, answer.json) == (503, {"status": "not ready"})
    assert visit.get("/readyz").status_code == 200
