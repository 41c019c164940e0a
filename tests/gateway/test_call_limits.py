"""How often a partner may call: the windows of the contract, failed keys, reads, and their headers (GATEWAY 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network

from flask.testing import FlaskClient

from shared.services import keys
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.gateway.calling import bearer, generate, nothing_made, read, refused, send, url
from tests.world import World


def rotate(world: World, contract: object) -> str:
    with transaction(environment_id=1):
        return keys.rotate(
            contract=contract, overlap=timedelta(hours=1), by=COMMAND, keyring=world.keyring  # type: ignore[arg-type]
        ).text  # fmt: skip


def test_a_full_window_is_refused_with_when_to_come_back(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(per_minute=2, per_hour=3)
    states = [generate(partner, contract, key, count=1).headers["RateLimit"] for _ in range(2)]
    assert [re.sub("t=[0-9]+", "t", state) for state in states] == [
        '"minute";r=1;t, "hour";r=2;t', '"minute";r=0;t, "hour";r=1;t',
    ]  # fmt: skip
    response = generate(partner, contract, key, count=1)
    problem = refused(response, "rate_limited")
    assert response.headers["RateLimit-Policy"] == '"minute";q=2;w=60, "hour";q=3;w=3600'
    assert 55 <= int(response.headers["Retry-After"]) <= 60
    assert problem["retry_after"] == int(response.headers["Retry-After"])
    assert world.counters(contract) == (2, 0, 2)


def test_without_limits_nothing_is_said_of_them(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    assert [name for name in generate(partner, contract, key, count=1).headers if "RateLimit" in name] == []


def test_a_call_past_the_limits_counts_whatever_becomes_of_it_and_one_before_does_not(
    world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller(per_day=3, quota=1)
    _, other = world.reseller()
    refused(partner.post(url(contract), data=b"{}", headers=bearer(key)), "unsupported_media_type")
    refused(generate(partner, contract, key[:-1], count=1), "invalid_key")
    refused(generate(partner, contract, other, count=1), "key_not_for_contract")
    refused(send(partner, contract, key, b"{"), "malformed_request")
    refused(generate(partner, contract, key, count=0), "invalid_parameter")
    refused(generate(partner, contract, key, count=2), "quota_exceeded")
    refused(generate(partner, contract, key, count=1), "rate_limited")
    assert nothing_made()


def test_both_keys_of_a_rotation_spend_one_window_and_a_changed_limit_holds_at_once(
    world: World, partner: FlaskClient
) -> None:
    contract, old = world.reseller(per_minute=2)
    new = rotate(world, contract)
    assert [generate(partner, contract, key, count=1).status_code for key in (old, new)] == [201, 201]
    refused(generate(partner, contract, old, count=1), "rate_limited")
    contract = world.amend(contract, per_minute=3)
    assert generate(partner, contract, new, count=1).status_code == 201
    world.amend(contract, per_minute=1)
    refused(generate(partner, contract, new, count=1), "rate_limited")


def test_reading_spends_no_call_and_tells_of_the_windows_without_asking_to_wait(
    world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller(per_minute=1)
    made = generate(partner, contract, key, count=1).json["generation_id"]
    for _ in range(3):
        answer = read(partner, contract, key, f"generations/{made}/licenses")
        assert (answer.status_code, "Retry-After" in answer.headers) == (200, False)
        assert answer.headers["RateLimit"].startswith('"minute";r=0;')
    refused(generate(partner, contract, key, count=1), "rate_limited")


def test_the_limit_of_one_contract_is_not_that_of_another(world: World, partner: FlaskClient) -> None:
    (mine, key), (theirs, other) = world.reseller(per_minute=1), world.reseller(per_minute=1)
    assert [generate(partner, c, k, count=1).status_code for c, k in ((mine, key), (theirs, other))] == [201, 201]


def test_too_many_failed_keys_of_an_address_are_told_to_wait_while_a_good_key_passes(
    world: World, gateway_with: Callable[..., FlaskClient]
) -> None:
    contract, key = world.reseller()
    client = gateway_with(failed_keys_per_minute=3)
    for _ in range(3):
        refused(generate(client, contract, key[:-1], count=1), "invalid_key")
    response = generate(client, contract, "guess", count=1)
    assert refused(response, "too_many_attempts")["retry_after"] == int(response.headers["Retry-After"])
    assert generate(client, contract, key, count=1).status_code == 201
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    response = client.post(url(contract), json={"count": 1}, headers=bearer("guess"), environ_base=elsewhere)
    refused(response, "invalid_key")


def test_the_addresses_of_one_ipv6_network_fail_together(
    world: World, gateway_with: Callable[..., FlaskClient]
) -> None:
    contract, _ = world.reseller()
    client = gateway_with(failed_keys_per_minute=1, trusted_proxies=(ip_network("127.0.0.1"),))
    codes = []
    for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"):
        headers = {**bearer("guess"), "X-Forwarded-For": address}
        codes.append(client.post(url(contract), json={"count": 1}, headers=headers).json["code"])
    assert codes == ["invalid_key", "too_many_attempts", "invalid_key"]


def test_reads_have_one_generous_limit_for_each_key(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    made = generate(partner, contract, key, count=1).json["generation_id"]
    paths = [f"generations/{made}/licenses", f"jobs/{made}/licenses"]
    answers = [read(partner, contract, key, paths[n % 2]) for n in range(601)]
    assert [answer.status_code for answer in answers] == [200] * 600 + [429]
    refused(answers[-1], "rate_limited")
    assert answers[-1].headers["Retry-After"] == "60"
    assert read(partner, contract, rotate(world, contract), paths[0]).status_code == 200
