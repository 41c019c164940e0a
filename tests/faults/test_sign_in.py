"""Signing in while Redis is frozen: one try in five seconds waits for it, and guessing stays limited (SPEC S-3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

import admin_app as office
from shared import db as database
from shared.config import Settings
from tests.admin.office import Visit
from tests.faults.redis_away import DELAY, frozen_verdict, seconds_of_calls
from tests.gateway.own_valkey import OwnValkey


@pytest.fixture
def office_of_its_own(admin_app: Flask, settings: Settings, own_valkey: OwnValkey) -> Iterator[Flask]:  # noqa: ARG001
    app = office.create_app(replace(settings, redis_url=own_valkey.url))
    yield app
    with app.app_context():
        database.db.engine.dispose()


def test_a_frozen_redis_delays_one_try_in_five_seconds(office_of_its_own: Flask, own_valkey: OwnValkey) -> None:
    visit = Visit(office_of_its_own)
    token = visit.token()
    statuses: list[int] = []

    def one_try(_number: int) -> None:
        statuses.append(visit.client.post("/link/unknown", data={"csrf_token": token}).status_code)

    one_try(0)  # its connection is there
    own_valkey.freeze()
    waits = seconds_of_calls(one_try, 6)
    own_valkey.thaw()
    late = [round(wait, 2) for wait in waits if wait > DELAY]
    print(f"\nsign-in: Redis frozen for 6 s, {len(waits)} tries one after another, delayed {late}")
    assert frozen_verdict(waits, 6) == []
    assert late, "or Redis was not asked at all"
    assert set(statuses) == {410, 429}
    assert statuses.index(429) == 21, "20 a minute are let through, counted in the process alone from the second on"


def test_guessing_stays_limited_and_nobody_is_kept_out_while_redis_is_dead(
    office_of_its_own: Flask, own_valkey: OwnValkey
) -> None:
    visit = Visit(office_of_its_own)
    own_valkey.kill()
    answers = [visit.post("/sign-in", {"email": "eve@example.org", "password": "guess"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert visit.post("/sign-in", {"email": "ada@example.org", "password": "guess"}).status_code == 401
