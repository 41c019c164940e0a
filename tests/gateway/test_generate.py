"""Generating on the gateway: refusals with their numbers, and the answer of a success (GATEWAY 1, C-3, C-4, C-11)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared import clock, db
from shared.services import contracts, generators, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.gateway.calling import generate, nothing_made, read, refused
from tests.world import STAGING, World, one


def test_more_than_remains_is_refused_with_all_numbers(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=300)
    world.generate(contract, 7)
    world.generate(contract, 100)
    problem = refused(generate(partner, contract, key, count=194), "quota_exceeded")
    numbers = {name: problem[name] for name in problem if name.startswith("quota_") or name == "requested"}
    assert problem["title"] == "Quota exceeded"
    assert numbers == {
        "requested": 194, "quota_total": 300, "quota_used": 7, "quota_reserved": 100, "quota_remaining": 193,
    }  # fmt: skip
    assert generate(partner, contract, key, count=99).json == {**ANY_ANSWER, "quota_remaining": 94}


class _Anything:
    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANY_ANSWER: dict[str, Any] = {
    "success": True, "licenses_generated": 99, "generation_id": _Anything(), "licenses": _Anything(),
}  # fmt: skip


def test_deactivation_holds_from_the_next_call(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    assert generate(partner, contract, key, count=1).status_code == 201
    world.close(contract)
    assert refused(generate(partner, contract, key, count=1), "contract_inactive")["title"] == "Contract inactive"
    with transaction(environment_id=1):
        contracts.activate(contract_id=contract.id, by=COMMAND, at=clock.now())
    assert generate(partner, contract, key, count=1).json["quota_remaining"] == 998


def test_an_inactive_product_a_retired_generator_and_a_passed_date_are_told_apart(
    world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller(expiry_kind="date", expiry_date=clock.now().date() - timedelta(days=1))
    refused(generate(partner, contract, key, count=1), "contract_expired")
    world.amend(contract, expiry_kind="never")
    with transaction(environment_id=1):
        generators.amend(generator_id=contract.generator_id, fields={"status": "inactive"}, by=COMMAND)
    refused(generate(partner, contract, key, count=100), "generator_unavailable")
    with transaction(environment_id=1):
        products.amend(product_id=contract.product_id, fields={"status": "inactive"}, by=COMMAND)
    refused(generate(partner, contract, key, count=1), "product_inactive")
    assert nothing_made()


def test_a_key_opens_its_own_contract_and_the_refusal_of_others_is_one(world: World, partner: FlaskClient) -> None:
    (mine, key), (theirs, _) = world.reseller(), world.reseller()
    staging, _ = world.reseller(generator=world.generator(world.product(environment_id=STAGING)))
    bodies = []
    for contract_id in (theirs.id, staging.id, uuid.uuid4(), "x", "{" + str(mine.id) + "}", mine.id.hex):
        mine_or_not = one("SELECT %(id)s::text AS id", id=str(contract_id)).id
        response = partner.post(
            f"/api/v1/contracts/{mine_or_not}/generate", json={"count": 1}, headers={"Authorization": f"Bearer {key}"}
        )
        problem = refused(response, "key_not_for_contract")
        bodies.append({name: value for name, value in problem.items() if name not in {"request_id", "instance"}})
    assert all(body == bodies[0] for body in bodies)
    assert nothing_made()


def test_fifty_are_answered_at_once_with_their_terms(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(
        quota=500, activation_limit=3, overrides={"beta": True}, expiry_kind="date", expiry_date=date(2099, 12, 31)
    )
    response = generate(partner, contract, key, count=50, reference="PO-1234")
    answer = response.json
    assert (response.status_code, response.content_type) == (201, "application/json")
    assert {name: answer[name] for name in ("success", "licenses_generated", "quota_remaining")} == {
        "success": True, "licenses_generated": 50, "quota_remaining": 450,
    }  # fmt: skip
    terms = [
        {name: license_[name] for name in license_ if name not in {"uuid", "key"}} for license_ in answer["licenses"]
    ]
    assert terms == [{
        "status": "available", "expires_at": "2100-01-01T00:00:00Z", "activation_limit": 3,
        "features": {"beta": True, "seats": 3},
    }] * 50  # fmt: skip
    assert len({license_["key"] for license_ in answer["licenses"]}) == 50
    stored = one("SELECT reference, method, actor FROM generation WHERE id = %(id)s", id=answer["generation_id"])
    assert (stored.reference, stored.method, stored.actor[:4]) == ("PO-1234", "api", "key:")


def test_a_lost_answer_can_be_read_again(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    answer = generate(partner, contract, key, count=3).json
    again = read(partner, contract, key, f"generations/{answer['generation_id']}/licenses").json
    assert again == {"licenses": answer["licenses"], "next_cursor": None}


def test_the_gateway_and_staff_share_one_quota(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=10)
    world.generate(contract, 4)
    assert generate(partner, contract, key, count=6).json["quota_remaining"] == 0
    refused(generate(partner, contract, key, count=1), "quota_exceeded")


def test_licenses_for_trying_out_use_no_quota_and_say_so(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(active=False, quota=1)
    refused(generate(partner, contract, key, count=1), "contract_inactive")
    response = generate(partner, contract, key, count=5, test=True)
    assert (response.status_code, response.json["test"], response.json["quota_remaining"]) == (201, True, 1)
    assert all(license_["test"] for license_ in response.json["licenses"])
    latest = max(datetime.fromisoformat(license_["expires_at"]) for license_ in response.json["licenses"])
    assert datetime.now(UTC) < latest <= datetime.now(UTC) + timedelta(days=7)
    problem = refused(generate(partner, contract, key, count=6, test=True), "invalid_parameter")
    assert problem["errors"] == [{"pointer": "/count", "detail": "A test makes 1 to 5 licenses."}]


def test_trying_out_ends_with_a_deactivation_unless_staff_open_a_window(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    world.close(contract)
    refused(generate(partner, contract, key, count=1, test=True), "contract_inactive")
    with transaction():
        db.run("UPDATE contract SET test_until = now() + interval '1 hour' WHERE id = %(id)s", id=contract.id)
    assert generate(partner, contract, key, count=1, test=True).status_code == 201
    refused(generate(partner, contract, key, count=1), "contract_inactive")


@pytest.mark.parametrize("spelled", [str.upper, str.title, str.lower])
def test_a_uuid_is_the_same_in_capitals(world: World, partner: FlaskClient, spelled: Any) -> None:
    contract, key = world.reseller()
    response = partner.post(
        f"/api/v1/contracts/{spelled(str(contract.id))}/generate", json={"count": 1},
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip
    assert response.status_code == 201
