"""The page of a contract: API access, calls, what is missing before the first call (SPEC D-1, D-5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from shared import clock
from shared.circuit import Circuit
from shared.config import Settings
from shared.db import db
from shared.models import ApiCall, Contract
from shared.rates.windows import RateWindows, connect, key_of
from shared.services import installation
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.office import Visit, words_of
from tests.world import World, rows

LIMITS = {"per_minute": "10", "per_hour": "100", "per_day": "500"}
UNKNOWN = "Not known just now"


def page_of(contract: Contract, rest: str = "") -> str:
    return f"/admin/contracts/{contract.id}/{rest}"


def call(partner: FlaskClient, contract: Contract, key: str, **options: object) -> int:
    path = f"/api/v1/contracts/{contract.id}/generate"
    answer = partner.post(path, json={"count": 1}, headers={"Authorization": f"Bearer {key}"}, **options)  # type: ignore[arg-type]
    return answer.status_code


def logged(partner: FlaskClient) -> None:
    """Write the log of calls now; it is written twice a second otherwise."""
    partner.application.extensions["api_log"].flush()


@contextmanager
def windows_at(app: Flask, url: str) -> Iterator[None]:
    """Let the page look at another Redis, with a breaker of its own."""
    before = app.extensions["rate_windows"]
    circuit = Circuit(rest_seconds=5, monotonic=lambda: 0.0)
    app.extensions["rate_windows"] = RateWindows(connect(url), log=structlog.get_logger(), circuit=circuit)
    yield
    app.extensions["rate_windows"] = before


def test_calls_made_and_left_are_those_the_gateway_counted_and_looking_spends_none(
    viewer: Visit, world: World, partner: FlaskClient, settings: Settings
) -> None:
    contract, key = world.reseller(**LIMITS)
    assert [call(partner, contract, key) for _ in range(3)] == [201] * 3
    redis: Redis = Redis.from_url(settings.redis_url)
    before = redis.dump(key_of(str(contract.id)))
    assert before is not None
    for _ in range(4):
        text = words_of(viewer.get(page_of(contract)))
        assert "Minute 3 10 7 Hour 3 100 97 Day 3 500 497" in text
    assert redis.dump(key_of(str(contract.id))) == before
    redis.close()


def test_a_window_without_a_limit_counts_and_a_contract_without_limits_says_that_nothing_counts(
    viewer: Visit, world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller(per_hour="20")
    call(partner, contract, key)
    assert "Minute 1 none any Hour 1 20 19 Day 1 none any" in words_of(viewer.get(page_of(contract)))
    free, _ = world.reseller()
    assert "No limit is set, so calls are not counted." in viewer.get(page_of(free)).text


def test_without_redis_the_page_comes_and_says_that_calls_are_not_known(
    viewer: Visit, admin_app: Flask, world: World
) -> None:
    contract, _ = world.reseller(**LIMITS)
    with windows_at(admin_app, "redis://127.0.0.1:1/0"):
        page = viewer.get(page_of(contract))
    assert page.status_code == 200
    assert UNKNOWN in page.text


def test_redis_is_asked_when_no_transaction_is_open(viewer: Visit, admin_app: Flask, world: World) -> None:
    contract, _ = world.reseller(**LIMITS)
    found = []

    class Watching(RateWindows):
        def peek(self, contract_id: str, *args: object, **options: object) -> object:  # type: ignore[override]
            found.append(db.session().in_transaction())
            return super().peek(contract_id, *args, **options)  # type: ignore[arg-type]

    before = admin_app.extensions["rate_windows"]
    admin_app.extensions["rate_windows"].__class__ = Watching
    try:
        viewer.get(page_of(contract))
    finally:
        before.__class__ = RateWindows
    assert found == [False]


def test_the_last_call_is_shown_with_time_address_and_result(viewer: Visit, world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(allow=["192.0.2.0/24"])
    assert call(partner, contract, key, environ_base={"REMOTE_ADDR": "198.51.100.9"}) == 403
    logged(partner)
    text = words_of(viewer.get(page_of(contract)))
    assert "address refused Generate · 403 ip_not_allowed · from 198.51.100.9" in text
    assert "The last call came from 198.51.100.9, which is not allowed." in text
    assert key not in text


def test_a_key_remembers_its_last_use_when_the_log_has_forgotten_it(
    viewer: Visit, world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller()
    call(partner, contract, key, environ_base={"REMOTE_ADDR": "198.51.100.9"})
    logged(partner)
    with transaction():
        db.session.execute(ApiCall.__table__.delete())  # type: ignore[attr-defined]
    assert "from 198.51.100.9" in words_of(viewer.get(page_of(contract)))


def test_an_old_key_is_due_for_rotation_after_the_days_that_are_set(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller()
    assert "due for rotation" not in viewer.get(page_of(contract)).text
    with transaction():
        db.session.execute(db.text("UPDATE contract_key SET created_at = created_at - interval '31 days'"))
        seen = installation.read().fingerprint
        installation.change(values={"key_rotation_days": "30"}, seen=seen, by=COMMAND, at=clock.now())
    assert "31 days old. Keys are due for rotation after 30 days." in words_of(viewer.get(page_of(contract)))


def test_a_reveal_is_not_offered_where_it_is_switched_off(admin: Visit, world: World) -> None:
    contract, _ = world.reseller()
    assert "key/reveal/" in admin.get(page_of(contract)).text
    with transaction():
        seen = installation.read().fingerprint
        installation.change(values={"reveal_policy": "off"}, seen=seen, by=COMMAND, at=clock.now())
    page = admin.get(page_of(contract)).text
    assert "key/reveal/" not in page
    assert "key/rotate/" in page


def test_a_suspended_key_is_told_from_none(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller()
    world.amend(contract, api_access="")
    assert "Its key is suspended" in viewer.get(page_of(contract)).text
    assert "Only staff generate" in viewer.get(page_of(world.contract())).text


def test_the_steps_before_the_first_call_follow_the_data_and_go_with_it(
    admin: Visit, world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller(active=False)
    text = words_of(admin.get(page_of(contract)))
    assert "Before the first call 3 of 6" in text, "key, addresses and parts stand; limits, gate and call do not"
    assert "Test licenses can be made before." in text
    active, key = world.reseller(**LIMITS)
    assert "Before the first call 5 of 6" in words_of(admin.get(page_of(active)))
    call(partner, active, key)
    assert "Before the first call" not in admin.get(page_of(active)).text


def test_an_open_test_window_counts_as_open(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller(active=False)
    until = clock.now() + timedelta(hours=3)
    with transaction():
        db.session.execute(db.text("UPDATE contract SET test_until = :until"), {"until": until})
    assert "Test window open" in viewer.get(page_of(contract)).text


def test_a_reader_is_shown_the_steps_without_ways_to_edit(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller(active=False)
    assert f"/admin/contracts/{contract.id}/edit/" not in viewer.get(page_of(contract)).text


def test_the_sheet_can_be_read_at_any_time_and_holds_no_key(viewer: Visit, world: World) -> None:
    contract, key = world.reseller(**LIMITS)
    page = viewer.get(page_of(contract, "sheet/"))
    assert str(contract.id) in page.text
    assert "10 a minute, 100 an hour, 500 a day" in page.text
    assert "alk_" not in page.text
    assert key not in page.text


@pytest.mark.parametrize("reference", ["https://crm.example/deal/7", "HTTP://crm.example"])
def test_an_external_reference_to_the_web_is_a_link(viewer: Visit, world: World, reference: str) -> None:
    page = viewer.get(page_of(world.contract(reference=reference))).text
    assert f'<a href="{reference}" rel="noopener noreferrer">' in page


@pytest.mark.parametrize("reference", ["javascript:alert(1)", "PO-77", "httpsnotreally", "//crm.example"])
def test_any_other_external_reference_is_plain_text(viewer: Visit, world: World, reference: str) -> None:
    page = viewer.get(page_of(world.contract(reference=reference))).text
    assert f"<dd>{reference}</dd>" in page


def test_numbers_lead_to_lists_with_as_many_rows(viewer: Visit, world: World) -> None:
    contract = world.contract()
    world.generate(contract, 3)
    page = viewer.get(page_of(contract)).text
    for url, shown in re.findall(r'href="(/admin/licenses/[^"]*)"><span class="number">(\d+)<', page):
        assert f"{shown} licenses" in viewer.get(url.replace("&amp;", "&")).text
    assert rows("SELECT 1 FROM license WHERE contract_id = %(id)s", id=contract.id)
