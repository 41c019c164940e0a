"""The log of calls: a row for each authenticated call within a second, counts for what anybody can cause (SPEC A-2)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from shared.crypto import new_key
from tests import running
from tests.races.wire import Answer, call, generate
from tests.world import World, one, rows

ROWS = """
SELECT status, code, latency_ms, request_id, endpoint, method, host(address) AS address, key, asked_contract,
       client_request_id FROM api_call WHERE contract_id = %(id)s ORDER BY at"""
REFUSALS = "SELECT code, cause, host(address) AS address, n, asked_contract FROM api_refusal_minute"
LAST_USE = "SELECT last_used_at AS at, host(last_used_address) AS address FROM contract_key WHERE contract_id = %(id)s"


@pytest.fixture(scope="module")
def port(environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One gateway for all tests here; it keeps nothing between them."""
    with running.gateway(environ, tmp_path_factory.mktemp("gateway")) as (_, found):
        yield found


def test_every_authenticated_call_is_a_row_within_a_second(world: World, port: int):
    contract, key = world.reseller(quota=100, per_minute=7)
    path, other = f"/api/v1/contracts/{contract.id}", "/api/v1/contracts/00000000-0000-4000-8000-000000000000"
    made = [
        ("generations.create", None, generate(port, contract.id, key, count=1, headers={"X-Request-Id": "theirs"})),
        ("generations.create", "quota_exceeded", generate(port, contract.id, key, count=101)),
        ("generations.create", "malformed_request", call(port, f"{path}/generate", key=key, body=b"{")),
        ("generations.create", "invalid_parameter", generate(port, contract.id, key, count=0)),
        ("generations.create", "key_not_for_contract", call(port, f"{other}/generate", key=key, body=b"{}")),
        ("jobs.show", "not_found", call(port, f"{path}/jobs/{contract.id}", key=key)),
        ("ping.ping", None, call(port, "/api/v1/ping", key=key)),
    ]
    took = running.wait_until(lambda: len(rows(ROWS, id=contract.id)) == len(made), 1, "the rows of the calls")
    print(f"\nA-2: {len(made)} calls were in the log {took:.2f} s after the last")
    found = rows(ROWS, id=contract.id)
    assert [(row.endpoint, row.code, row.status, row.request_id) for row in found] == [
        (endpoint, code, answer.status, answer.headers["x-request-id"]) for endpoint, code, answer in made
    ]
    assert all(0 < row.latency_ms < 5000 and row.address == "127.0.0.1" and key.find(row.key) > 0 for row in found)
    assert [row.client_request_id for row in found] == ["theirs", *[None] * 6]
    assert found[4].asked_contract == other.rpartition("/")[2]
    day = {row.outcome: row.n for row in rows("SELECT outcome, n FROM api_call_day")}
    assert day == {"accepted": 1, **{code: 1 for _, code, _ in made[1:5]}}


def test_a_flood_of_unknown_keys_makes_no_rows(world: World, port: int):
    """Whoever has no key must not be able to fill the disk: 1 000 calls are a handful of counts."""
    contract, _ = world.reseller()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: call(port, "/api/v1/ping", key=new_key("live").text), range(1000)))
    running.wait_until(lambda: sum(row.n for row in rows(REFUSALS)) == 1000, 2, "the counts of the flood")
    counted = rows(REFUSALS)
    print(f"\nA-2: 1000 calls with unknown keys are {len(counted)} rows of counts, 0 rows of calls")
    assert one("SELECT count(*) AS n FROM api_call").n == 0
    assert len(counted) <= 4  # invalid_key and too_many_attempts, in one minute or two
    assert {(row.code, row.cause, row.address) for row in counted} <= {
        ("invalid_key", "unknown", "127.0.0.1"), ("too_many_attempts", "unknown", "127.0.0.1"),
    }  # fmt: skip
    assert one(LAST_USE, id=contract.id).at is None


def test_a_page_that_is_served_is_no_call(world: World, port: int):  # noqa: ARG001 - on the clean database
    for path in ("/", "/docs", "/docs/errors", "/openapi.json", "/healthz", "/readyz"):
        call(port, path)
    call(port, "/nothing")
    running.wait_until(lambda: rows(REFUSALS), 2, "the count of the refusal")
    assert [(row.code, row.n) for row in rows(REFUSALS)] == [("not_found", 1)]


def test_what_is_refused_before_the_key_is_counted_with_its_cause(world: World, port: int):
    contract, key = world.reseller()
    path = f"/api/v1/contracts/{contract.id}/generate"
    call(port, "/nothing", key=key)
    call(port, path, key=key)
    call(port, path, key=key, body=b"count=1", headers={"Content-Type": "text/plain"})
    call(port, path, key=key[:-1], body=b"{}")
    call(port, path, body=b"{}")
    running.wait_until(lambda: sum(row.n for row in rows(REFUSALS)) == 5, 2, "the counts")
    assert sorted((row.code, row.cause) for row in rows(REFUSALS)) == [
        ("invalid_key", "checksum"), ("invalid_key", "header"), ("method_not_allowed", ""), ("not_found", ""),
        ("unsupported_media_type", ""),
    ]  # fmt: skip
    assert one("SELECT count(*) AS n FROM api_call").n == 0


def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(world: World, owner_url: str, port: int):
    contract, key = world.reseller(quota=100)
    generate(port, contract.id, key, count=1)
    running.wait_until(lambda: one(LAST_USE, id=contract.id).at, 1, "the first note")
    first = one(LAST_USE, id=contract.id)
    generate(port, contract.id, key, count=1)
    running.wait_until(lambda: len(rows(ROWS, id=contract.id)) == 2, 1, "the row of the second call")
    assert one(LAST_USE, id=contract.id) == first
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("UPDATE contract_key SET last_used_at = last_used_at - %s", [timedelta(minutes=1)])
    generate(port, contract.id, key, count=1)
    running.wait_until(lambda: one(LAST_USE, id=contract.id).at > first.at, 1, "the note a minute later")


def ages_of_lost_calls(
    world: World, environ: Mapping[str, str], directory: Path, **extra: str
) -> tuple[list[float], int]:
    """Call for two seconds, kill -9; return how old each call was that is not in the log, and how many were made."""
    contract, key = world.reseller(quota=100_000)
    told: list[tuple[float, Answer]] = []
    with running.gateway(environ, directory, **extra) as (process, port):
        over = time.monotonic() + 2
        while time.monotonic() < over:
            told.append((time.monotonic(), generate(port, contract.id, key, count=1)))
        killed = time.monotonic()
        process.kill()
    kept = {row.request_id for row in rows(ROWS, id=contract.id)}
    return [killed - at for at, answer in told if answer.headers["x-request-id"] not in kept], len(told)


def test_a_killed_gateway_loses_at_most_the_last_second(world: World, environ: Mapping[str, str], tmp_path: Path):
    lost, made = ages_of_lost_calls(world, environ, tmp_path)
    print(f"\nA-2: kill -9 lost {len(lost)} of {made} calls from the log, the oldest {max(lost, default=0):.2f} s old")
    assert max(lost, default=0) < 1
    assert len(lost) < made


def test_a_log_that_is_written_late_fails_the_same_verdict(world: World, environ: Mapping[str, str], tmp_path: Path):
    """The negative control: only the log opens transactions in the gateway, and here each is slow to commit."""
    lost, _ = ages_of_lost_calls(world, environ, tmp_path, FAILPOINTS="before_commit=sleep:5")
    assert max(lost, default=0) > 1
