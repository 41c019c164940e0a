"""P7 in small: a key works for its contract, from listed addresses, and says nothing of any other contract."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from flask import Flask
from flask.testing import FlaskClient

import gateway_app
from shared import db as database
from shared.config import Network, Settings
from shared.net import parse_allowlist
from shared.transaction import transaction
from tests.races.address_table import TABLE, Row
from tests.races.key_matrix import Matrix, try_all
from tests.races.wire import Answer
from tests.world import World, one

PROXIES: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def matrix_of(world: World, partner: FlaskClient, size: int) -> Matrix:
    """Try ``size`` contracts with each other's keys, and with uuids that are nobody's or a deleted contract's."""
    generator = world.generator()
    keys = {str(contract.id): key for contract, key in (world.reseller(generator=generator) for _ in range(size))}
    deleted = world.contract(generator=generator)
    world.close(deleted)
    with transaction(environment_id=1):
        database.run("UPDATE contract SET deleted_at = now(), deleted_by = 'test' WHERE id = %(id)s", id=deleted.id)
    nobody = str(uuid.uuid4())

    def send(contract: str, key: str) -> Answer:
        headers = {"Authorization": f"Bearer {key}"}
        answer = partner.post(f"/api/v1/contracts/{contract}/generate", json={"count": 1}, headers=headers)
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)

    return try_all(keys, [str(deleted.id), nobody], send)


def test_a_key_opens_its_own_contract_only(world: World, partner: FlaskClient):
    found = matrix_of(world, partner, 12)
    print(f"\nP7 reduced: {found}")
    assert found == Matrix(accepted=12, refused=12 * 11 + 12 * 2, shapes=1, wrong=[])
    assert one("SELECT sum(used) AS n FROM contract_quota").n == 12


def test_looking_the_contract_up_fails_the_same_verdict():
    """The negative control: a gateway that answers 404 for what it does not find tells what exists."""
    keys = {str(uuid.uuid4()): f"key-{n}" for n in range(4)}

    def naive(contract: str, key: str) -> Answer:
        if contract not in keys:
            return Answer(404, {}, b'{"code":"not_found"}')
        return Answer(201, {}, b"{}") if keys[contract] == key else Answer(403, {}, b'{"code":"other"}')

    assert try_all(keys, [str(uuid.uuid4())], naive).shapes == 2


@pytest.fixture
def proxied(app: Flask, gateway_settings: Settings) -> Iterator[FlaskClient]:  # noqa: ARG001 - clean database
    """A client of a gateway behind trusted proxies."""
    behind = gateway_app.create_app(dataclasses.replace(gateway_settings, trusted_proxies=PROXIES))
    yield behind.test_client()
    with behind.app_context():
        database.db.engine.dispose()


def test_only_listed_addresses_are_served(world: World, proxied: FlaskClient):
    contract, key = world.reseller()
    print(f"\nP7: a table of {len(TABLE)} addresses over HTTP")
    assert [row for row in TABLE if _asked(contract.id, proxied, key, row) != row.seen] == []


def test_believing_every_forwarded_header_fails_the_same_table():
    """The negative control: the leftmost address is what the caller wrote."""
    believed = [row.forwarded[0].split(",")[0].strip() if row.forwarded else row.peer for row in TABLE]
    assert sum(seen != row.seen.split()[-1] for seen, row in zip(believed, TABLE, strict=True)) > 10


def _asked(contract_id: uuid.UUID, client: FlaskClient, key: str, row: Row) -> str:
    """Return ``served`` or ``refused`` and the address that the gateway saw."""
    allow = parse_allowlist(row.allow.replace(" ", "\n"))
    with transaction(environment_id=1):
        database.run("UPDATE contract SET allow = %(allow)s::cidr[] WHERE id = %(id)s",
                     allow=[str(block) for block in allow], id=contract_id)  # fmt: skip
    headers = [("Authorization", f"Bearer {key}"), *(("X-Forwarded-For", value) for value in row.forwarded)]
    answer = client.get("/api/v1/ping", headers=headers, environ_base={"REMOTE_ADDR": row.peer})
    if answer.status_code == 200:
        return f"served {answer.json['address']}"
    assert answer.json["code"] == "ip_not_allowed"
    return "refused " + answer.json["address"].rpartition(" ")[2]
