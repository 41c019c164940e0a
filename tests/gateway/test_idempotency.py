"""The same key is the same answer, byte for byte, and with another request it is refused (GATEWAY 6; P2, P3)."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import clock, db
from shared.models import Contract
from shared.services import contracts, jobs, keys
from shared.services.audit import COMMAND
from shared.services.idempotency import claim_of
from shared.transaction import transaction
from tests.gateway.calling import generate, nothing_made, refused, send
from tests.world import World, one

Call = tuple[Contract, str, dict[str, Any]]
ORDER: dict[str, Any] = {"count": 3, "test": False, "reference": "PO-1"}
MUTATED = [{"count": 4}, {"test": True}, {"reference": "PO-2"}, {"reference": ""}, {"count": 100}]
SPELLINGS = [
    b'{"count":3,"reference":"PO-1"}', b'{"reference": "PO-1", "test": false, "count": 3.0}',
    b'{\n"count"\t: 3.000, "reference": "\\u0050O-1"}', b'  {"test":false,"count":3,"reference":"PO\\u002d1"}  ',
]  # fmt: skip


def is_replay(again: TestResponse, first: TestResponse) -> bool:
    return (again.status_code, again.data, again.headers.get("Idempotent-Replayed")) == (
        first.status_code, first.data, "true",
    )  # fmt: skip


@pytest.mark.parametrize("change", MUTATED, ids=str)
def test_the_same_key_with_another_request_is_refused(
    world: World, partner: FlaskClient, change: dict[str, Any]
) -> None:
    contract, key = world.reseller()
    generate(partner, contract, key, **ORDER, idempotency_key="k")
    refused(generate(partner, contract, key, **{**ORDER, **change}, idempotency_key="k"), "idempotency_key_reused")
    assert world.counters(contract) == (3, 0, 3)


def test_two_different_keys_in_one_request_are_refused(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    both = {"Idempotency-Key": "b"}
    refused(generate(partner, contract, key, count=1, idempotency_key="a", headers=both), "malformed_request")
    assert generate(partner, contract, key, count=1, idempotency_key="b", headers=both).status_code == 201


@pytest.mark.parametrize("header", ["", "a b", "k" * 256, "\u00e9", "a\tb"])
def test_a_header_that_is_no_key_is_refused(world: World, partner: FlaskClient, header: str) -> None:
    contract, key = world.reseller()
    problem = refused(
        generate(partner, contract, key, count=1, headers={"Idempotency-Key": header}), "invalid_parameter"
    )
    assert problem["errors"][0]["header"] == "Idempotency-Key"


@pytest.mark.parametrize("body", SPELLINGS)
def test_the_same_request_in_other_words_is_the_first_answer_again(
    world: World, partner: FlaskClient, body: bytes
) -> None:
    contract, key = world.reseller(overrides={"z": 1, "a": {"y": 1, "b": [3, 1]}})
    first = generate(partner, contract, key, **ORDER, idempotency_key="k")
    assert "Idempotent-Replayed" not in first.headers
    assert is_replay(send(partner, contract, key, body, Idempotency_Key="k"), first)
    assert world.counters(contract) == (3, 0, 3)


def test_keys_differ_by_case_and_belong_to_one_contract(world: World, partner: FlaskClient) -> None:
    (mine, key), (theirs, other) = world.reseller(), world.reseller()
    answers = [
        generate(partner, mine, key, count=1, idempotency_key="k"),
        generate(partner, mine, key, count=1, idempotency_key="K"),
        generate(partner, theirs, other, count=1, idempotency_key="k"),
    ]
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False] * 3


def test_without_a_key_every_call_makes_licenses(world: World, partner: FlaskClient) -> None:
    """The negative control of all that is replayed here."""
    contract, key = world.reseller()
    first, second = (generate(partner, contract, key, **ORDER) for _ in range(2))
    assert first.data != second.data
    assert world.counters(contract) == (6, 0, 6)


def test_a_replay_outlives_quota_terms_expiry_and_the_key_that_asked(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=3)
    first = generate(partner, contract, key, **ORDER, idempotency_key="k")
    with transaction(environment_id=1):
        new = keys.rotate(contract=contract, overlap=clock.now() - clock.now(), by=COMMAND, keyring=world.keyring).text
        db.run("UPDATE license SET status = 'suspended', activation_limit = 7")
    world.amend(
        contract, overrides={"seats": 99}, expiry_kind="date", expiry_date=clock.now().date().replace(year=2020)
    )
    refused(generate(partner, contract, new, count=3), "contract_expired")
    assert is_replay(generate(partner, contract, new, **ORDER, idempotency_key="k"), first)
    world.close(contract)
    refused(generate(partner, contract, new, **ORDER, idempotency_key="k"), "contract_inactive")


def test_a_refused_key_is_free_and_works_after_a_raise(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=1)
    refused(generate(partner, contract, key, count=2, idempotency_key="k"), "quota_exceeded")
    with transaction(environment_id=1):
        contracts.set_quota(contract_id=contract.id, quota=5, by=COMMAND, at=clock.now())
    assert generate(partner, contract, key, count=4, idempotency_key="k").status_code == 201


def test_a_key_used_by_staff_is_another_key(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    world.generate(contract, 1, claim=claim_of(scope="ui", key="k", request={"count": 1}))
    assert "Idempotent-Replayed" not in generate(partner, contract, key, count=1, idempotency_key="k").headers


def test_an_accepted_job_is_accepted_again_even_after_it_failed(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    first = generate(partner, contract, key, count=100, idempotency_key="k")
    with transaction():
        jobs.end(job_id=first.json["job_id"], status="failed", code="keys_collided", sentence="x")
    again = generate(partner, contract, key, count=100, idempotency_key="k")
    assert is_replay(again, first)
    assert again.headers["Location"] == first.headers["Location"]
    assert one("SELECT count(*) AS n FROM job").n == 1


def test_a_replay_of_purged_test_licenses_says_so(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    generate(partner, contract, key, count=2, test=True, idempotency_key="k")
    with transaction():
        db.run("WITH gone AS (DELETE FROM license WHERE ordinal = 0) UPDATE contract_quota SET test_live = 1")
    refused(generate(partner, contract, key, count=2, test=True, idempotency_key="k"), "licenses_purged")


def test_a_twin_waits_for_the_first_and_then_gets_its_answer(world: World, gateway_app: Flask, owner_url: str) -> None:
    contract, key = world.reseller(quota=3)
    answers = while_held(gateway_app, owner_url, [(contract, key, {**ORDER, "idempotency_key": "k"})] * 4, seconds=0.3)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 3
    assert world.counters(contract) == (3, 0, 3)


def test_one_that_waits_too_long_is_told_to_come_back_and_what_its_key_is_worth(
    world: World, gateway_app: Flask, owner_url: str
) -> None:
    (one_, key), (other, other_key) = world.reseller(), world.reseller()
    calls: list[Call] = [(one_, key, {**ORDER, "idempotency_key": "k"}), (other, other_key, ORDER)]
    keyed, bare = while_held(gateway_app, owner_url, calls, seconds=3.4)
    refused(keyed, "idempotency_in_progress")
    refused(bare, "unavailable")
    assert (keyed.headers["Retry-After"], bare.headers["Retry-After"]) == ("1", "2")
    assert nothing_made()


def while_held(app: Flask, owner_url: str, calls: list[Call], *, seconds: float) -> list[TestResponse]:
    """Make all calls at once while somebody else holds every counter for ``seconds``; answers by status."""
    answers: list[TestResponse] = []

    def make(contract: Contract, key: str, request: dict[str, Any]) -> None:
        answers.append(send(app.test_client(), contract, key, json.dumps(request).encode()))

    threads = [threading.Thread(target=make, args=call) for call in calls]
    with psycopg.connect(owner_url) as other:
        other.execute("SELECT FROM contract_quota FOR UPDATE")
        for thread in threads:
            thread.start()
        other.execute("SELECT pg_sleep(%s)", [seconds])
    for thread in threads:
        thread.join()
    return sorted(answers, key=lambda answer: answer.status_code)
