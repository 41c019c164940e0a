"""The edge of the gateway: methods, paths, keys in the header, addresses behind proxies, HTTPS (GATEWAY 2, 3, 4, 8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.crypto import new_key
from tests.gateway.calling import bearer, generate, nothing_made, refused, url
from tests.world import World, one

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
INSIDE = {"REMOTE_ADDR": "10.0.0.9"}
FROM: list[tuple[str, list[str], str | None]] = [
    # peer, X-Forwarded-For, the address that must be seen; None is a refusal
    ("192.0.2.1", [], "192.0.2.1"),
    ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
    ("10.0.0.9", ["192.0.2.1"], "192.0.2.1"),
    ("10.0.0.9", ["192.0.2.66, 192.0.2.1"], "192.0.2.1"),
    ("10.0.0.9", ["192.0.2.1, 10.1.1.1"], "192.0.2.1"),
    ("10.0.0.9", ["192.0.2.66", "192.0.2.1,10.1.1.1"], "192.0.2.1"),
    ("10.0.0.9", ["::ffff:192.0.2.1"], "192.0.2.1"),
    ("::ffff:10.0.0.9", ["192.0.2.1"], "192.0.2.1"),
    ("fd00::1", ["2001:db8::1"], "2001:db8::1"),
    ("10.0.0.9", [], None),
    ("10.0.0.9", [""], None),
    ("10.0.0.9", ["192.0.2.1, "], None),
    ("10.0.0.9", ["unknown"], None),
    ("10.0.0.9", ["192.0.2.1:443"], None),
    ("10.0.0.9", ["evil, 192.0.2.1"], "192.0.2.1"),
    ("", ["192.0.2.1"], None),
]


@pytest.mark.parametrize("scheme", ["Basic", "bearer:", "Token", "", "BearerX", "Digest"])
def test_another_scheme_is_no_key(world: World, partner: FlaskClient, scheme: str) -> None:
    contract, key = world.reseller()
    headers = {"Authorization": f"{scheme} {key}"}
    refused(partner.post(url(contract), json={"count": 1}, headers=headers), "invalid_key")
    assert nothing_made()


def test_every_bad_key_is_answered_by_one_body(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    bad = [
        key[:-1], key + "A", key.upper(), key[:-6] + "000000", new_key("live").text, "", "x" * 10_000, "\u00e9" * 30,
        f" {key}", f"{key}, Bearer {key}", key + " " + key, "\u00ff",
    ]  # fmt: skip
    answers = [partner.post(url(contract), json={"count": 1}, headers=bearer(text)) for text in bad]
    answers.append(partner.post(url(contract), json={"count": 1}))
    problems = [refused(answer, "invalid_key") for answer in answers]
    assert len({tuple(sorted((n, v) for n, v in p.items() if n != "request_id")) for p in problems}) == 1
    assert all(answer.headers["WWW-Authenticate"] == 'Bearer realm="allotment"' for answer in answers)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_may_be_written_in_any_case(world: World, partner: FlaskClient, scheme: str) -> None:
    contract, key = world.reseller()
    headers = {"Authorization": f"{scheme} {key}"}
    assert partner.post(url(contract), json={"count": 1}, headers=headers).status_code == 201


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_another_method_is_refused_with_those_that_are_known(world: World, partner: FlaskClient, method: str) -> None:
    contract, key = world.reseller()
    overrides = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
    response = partner.open(
        url(contract) + "?_method=POST", method=method, json={"count": 1}, headers={**bearer(key), **overrides}
    )
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    if method != "HEAD":
        refused(response, "method_not_allowed")
    assert "Access-Control-Allow-Origin" not in response.headers
    assert nothing_made()


def test_head_asks_for_the_headers_of_a_read_and_options_for_nothing(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    made = generate(partner, contract, key, count=1).json["generation_id"]
    head = partner.head(url(contract, f"generations/{made}/licenses"), headers=bearer(key))
    assert (head.status_code, head.data) == (200, b"")
    refused(
        partner.options(url(contract, f"generations/{made}/licenses"), headers={"Origin": "https://evil.example"}),
        "method_not_allowed",
    )


@pytest.mark.parametrize("path", [
    "/api/v1/contracts/{}/generate/", "/api/v1/contracts//{}/generate", "//api/v1/contracts/{}/generate",
    "/api/v1/contracts/{}//generate", "/api/v1/contracts/{}", "/api/v1/contracts/{}/Generate",
    "/api/v2/contracts/{}/generate",
    "/api/v1/contracts/{}/generate/x", "/api/v1/contracts/a/{}/generate", "/api", "/admin",
    "/static/x", "/%2e%2e/etc", "/\u00e9",
    "/api/v1/contracts/{}/generate%2f", "/api/v1/contracts/{}/generate%00", "/api/v1/contracts/{}/generate;a=b",
])  # fmt: skip
def test_another_path_is_not_found_and_never_redirected(world: World, partner: FlaskClient, path: str) -> None:
    contract, key = world.reseller()
    response = partner.post(path.format(contract.id), json={"count": 1}, headers=bearer(key))
    refused(response, "not_found")
    assert nothing_made()


def test_a_contract_in_braces_or_with_a_nul_is_not_this_contract(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    for spelled in (f"%7B{contract.id}%7D", f"{contract.id}%00", f"{contract.id}%20", contract.id.hex, "%F0%9F%94%91"):
        response = partner.post(f"/api/v1/contracts/{spelled}/generate", json={"count": 1}, headers=bearer(key))
        refused(response, "key_not_for_contract")


@pytest.mark.parametrize(("peer", "forwarded", "seen"), FROM)
def test_the_caller_is_the_peer_or_what_trusted_proxies_say(
    world: World, gateway_with: Callable[..., FlaskClient], peer: str, forwarded: list[str], seen: str | None
) -> None:
    contract, key = world.reseller(allow=seen or "192.0.2.1")
    client = gateway_with(trusted_proxies=PROXIES)
    headers = [("Authorization", f"Bearer {key}"), *(("X-Forwarded-For", text) for text in forwarded)]
    response = client.post(url(contract), json={"count": 1}, headers=headers, environ_base={"REMOTE_ADDR": peer})
    if seen is not None:
        assert response.status_code == 201
        assert one("SELECT host(address) AS address FROM audit_entry WHERE actor LIKE 'key:%%'").address == seen
        return
    assert "did not name" in refused(response, "ip_not_allowed")["detail"]


def test_an_address_that_is_not_listed_is_named_in_the_refusal(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(allow="192.0.2.0/24")
    headers = {**bearer(key), "X-Forwarded-For": "192.0.2.1"}
    response = partner.post(url(contract), json={"count": 1}, headers=headers)
    assert refused(response, "ip_not_allowed")["address"] == "127.0.0.1"
    response = partner.post(
        url(contract), json={"count": 1}, headers=headers, environ_base={"REMOTE_ADDR": "::ffff:192.0.2.9"}
    )
    assert response.status_code == 201


@pytest.mark.parametrize(("scheme", "peer", "forwarded", "passes"), [
    ("http", "192.0.2.1", None, False), ("http", "192.0.2.1", "https", False), ("https", "192.0.2.1", None, True),
    ("http", "10.0.0.9", "https", True), ("http", "10.0.0.9", "http", False), ("http", "10.0.0.9", None, False),
    ("http", "10.0.0.9", "http, https", True), ("http", "10.0.0.9", "https, http", False),
    ("https", "10.0.0.9", "http", False), ("http", "::ffff:10.0.0.9", "https", True),
])  # fmt: skip
def test_production_demands_https_from_whoever_may_say_so(
    world: World,
    gateway_with: Callable[..., FlaskClient],
    scheme: str,
    peer: str,
    forwarded: str | None,
    *,
    passes: bool,
) -> None:
    contract, key = world.reseller()
    client = gateway_with(deployment="production", trusted_proxies=PROXIES)
    headers = {**bearer(key), "X-Forwarded-For": "192.0.2.1"}
    if forwarded:
        headers["X-Forwarded-Proto"] = forwarded
    response = client.post(
        url(contract), json={"count": 1}, headers=headers, base_url=f"{scheme}://gateway.example",
        environ_base={"REMOTE_ADDR": peer},
    )  # fmt: skip
    assert "max-age" in response.headers["Strict-Transport-Security"]
    if passes:
        assert response.status_code == 201
        return
    refused(response, "https_required")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("theirs", ["abc", "a b", "x" * 200, "\u00e9", "alk_live_x"])
def test_the_request_id_in_answers_is_ours(world: World, partner: FlaskClient, theirs: str) -> None:
    contract, key = world.reseller()
    answers = [
        generate(partner, contract, key, count=1, headers={"X-Request-Id": theirs}),
        generate(partner, contract, key, count=0, headers={"X-Request-Id": theirs}),
    ]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert all(re.fullmatch("req_[0-9a-f]{24}", found) for found in ids)
    assert len(set(ids)) == 2
    assert one("SELECT request_id FROM generation").request_id == ids[0]


def test_every_answer_closes_the_browser_doors(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    answers: list[Any] = [
        generate(partner, contract, key, count=1), generate(partner, contract, key, count=0), partner.get("/nowhere"),
        partner.get("/healthz"),
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


def test_health_says_nothing_but_whether_it_is_well(
    partner: FlaskClient, gateway_with: Callable[..., FlaskClient]
) -> None:
    assert (partner.get("/healthz").json, partner.get("/readyz").json) == ({"status": "ok"}, {"status": "ready"})
    for away in ({"redis_url": "redis://127.0.0.1:1"}, {"database_url": "postgresql+psycopg://x:y@127.0.0.1:1/z"}):
        answer = gateway_with(**away).get("/readyz")
        assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


@pytest.mark.parametrize(("host", "status"), [
    ("gateway.example", 200), ("GATEWAY.example:443", 200), ("evil.example", 404), ("gateway.example:8443", 404),
])  # fmt: skip
def test_production_answers_to_its_own_host_only(
    gateway_with: Callable[..., FlaskClient], host: str, status: int
) -> None:
    client = gateway_with(deployment="production")
    assert client.get("/openapi.json", base_url=f"https://{host}").status_code == status
    assert client.get("/healthz", base_url=f"https://{host}").status_code == 200
