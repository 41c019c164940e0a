"""What a hostile reader of GATEWAY.md found: each case was answered otherwise once (GATEWAY 1, 2, 5, 6, 7)."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest
from flask.testing import FlaskClient

from tests import running
from tests.gateway.calling import bearer, generate, nothing_made, refused, url
from tests.world import World

LIMITED = '"minute";q=5;w=60'
UNSPENT = '"minute";r=5;t=0'


@pytest.fixture(scope="module")
def port(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A gateway under gunicorn as it runs in production."""
    with running.gateway(environ, tmp_path_factory.mktemp("adversary"), GATEWAY_WORKERS="1") as (_, found):
        yield found


def send(port: int, path: str, key: str, headers: list[tuple[str, str]], body: bytes) -> tuple[int, str]:
    """Send one generate call with ``headers`` as they are and return status and code."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", path)
    for header in [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json"), *headers]:
        connection.putheader(*header)
    connection.endheaders(body)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document.get("code", "")


@pytest.mark.parametrize("second", ["B", "A"])
def test_two_idempotency_headers_are_refused_and_not_joined_to_one_key(world: World, port: int, second: str) -> None:
    contract, key = world.reseller()
    twice = [("Idempotency-Key", "A"), ("idempotency-key", second), ("Content-Length", "12")]
    assert send(port, url(contract), key, twice, b'{"count": 1}') == (400, "malformed_request")
    assert nothing_made()


def test_a_path_with_two_slashes_in_front_is_another_path(world: World, port: int) -> None:
    contract, key = world.reseller()
    length = [("Content-Length", "12")]
    assert send(port, f"/{url(contract)}", key, length, b'{"count": 1}') == (404, "not_found")
    assert nothing_made()
    assert send(port, url(contract), key, length, b'{"count": 1}') == (201, "")


def test_a_transfer_coding_that_is_not_undone_is_refused(world: World, port: int) -> None:
    contract, key = world.reseller()
    chunks = b'c\r\n{"count": 1}\r\n0\r\n\r\n'
    coded = [("Transfer-Encoding", "gzip, chunked")]
    assert send(port, url(contract), key, coded, chunks) == (400, "malformed_request")
    assert nothing_made()
    assert send(port, url(contract), key, [("Transfer-Encoding", "Chunked")], chunks) == (201, "")


def test_the_type_of_a_problem_is_an_https_address_of_ours_in_production(
    gateway_with: Callable[..., FlaskClient],
) -> None:
    client = gateway_with(deployment="production", trusted_proxies=(ip_network("127.0.0.0/8"),))
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    for host in ("gateway.example", "evil.example"):
        problem = refused(client.get("/nowhere", headers=headers, base_url=f"http://{host}"), "not_found")
        assert problem["type"] == "https://gateway.example/docs/errors#not_found"


def test_whoever_is_authenticated_is_told_the_limits_also_when_refused(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(per_minute=5)
    listed, shut_out = world.reseller(per_minute=5, allow="192.0.2.0/24")
    other, _ = world.reseller()
    for code, answer in (
        ("key_not_for_contract", generate(partner, other, key, count=1)),
        ("ip_not_allowed", generate(partner, listed, shut_out, count=1)),
        ("ip_not_allowed", partner.get("/api/v1/ping", headers=bearer(shut_out))),
    ):
        refused(answer, code)
        assert (answer.headers["RateLimit-Policy"], answer.headers["RateLimit"]) == (LIMITED, UNSPENT)
    stranger = generate(partner, contract, key[:-1], count=1)
    refused(stranger, "invalid_key")
    assert "RateLimit" not in stranger.headers
