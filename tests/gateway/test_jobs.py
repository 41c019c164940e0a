"""Queued generations over the gateway: accepted, followed, read page by page, and closed to others (GATEWAY 1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared import db
from shared.jobs.generation import run_slice
from shared.models import Contract
from shared.services import jobs
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.gateway.calling import bearer, generate, nothing_made, read, refused
from tests.world import World


def accepted(partner: FlaskClient, contract: Contract, key: str, count: int = 250) -> str:
    return str(generate(partner, contract, key, count=count).json["job_id"])


def pages(client: FlaskClient, contract: Contract, key: str, rest: str, limit: int) -> list[list[dict[str, Any]]]:
    found, cursor = [], ""
    while cursor is not None:
        answer = read(client, contract, key, f"{rest}?limit={limit}&cursor={cursor}").json
        found.append(answer["licenses"])
        cursor = answer["next_cursor"]
    return found


def test_what_staff_or_another_contract_asked_for_is_not_found(world: World, partner: FlaskClient) -> None:
    (mine, key), (theirs, other) = world.reseller(), world.reseller()
    job, at_once = world.generate(mine, 100).generation_id, world.generate(mine, 1).generation_id
    foreign = accepted(partner, theirs, other)
    for rest in (
        f"jobs/{job}", f"jobs/{job}/licenses", f"generations/{at_once}/licenses", f"jobs/{foreign}",
        f"jobs/{foreign}/licenses", f"generations/{foreign}/licenses", f"jobs/{uuid.uuid4()}", "jobs/x",
        f"jobs/{job.hex}", f"jobs/{{{foreign}}}", "jobs", "jobs/", "jobs/x/licenses",
    ):  # fmt: skip
        refused(read(partner, mine, key, rest), "not_found")


@pytest.mark.parametrize("rest", ["jobs/{}", "jobs/{}/licenses", "generations/{}/licenses"])
def test_every_read_walks_the_ladder(world: World, partner: FlaskClient, rest: str) -> None:
    (mine, key), (_, other) = world.reseller(), world.reseller()
    path = rest.format(accepted(partner, mine, key))
    refused(read(partner, mine, key[:-1], path), "invalid_key")
    refused(read(partner, mine, other, path), "key_not_for_contract")
    mine = world.amend(mine, allow="192.0.2.1")
    refused(read(partner, mine, key, path), "ip_not_allowed")
    world.amend(mine, api_access=False)
    refused(read(partner, mine, key, path), "api_access_disabled")


def test_a_request_larger_than_the_rest_accepts_no_job(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=150)
    refused(generate(partner, contract, key, count=151), "quota_exceeded")
    assert nothing_made()


def test_a_hundred_are_accepted_and_their_quota_is_reserved_already(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=500)
    response = generate(partner, contract, key, count=200)
    answer = response.json
    assert response.status_code == 202
    assert answer == {
        "success": True, "licenses_generated": 0, "licenses_requested": 200, "quota_remaining": 300,
        "generation_id": answer["job_id"], "job_id": answer["job_id"],
    }  # fmt: skip
    assert world.counters(contract) == (0, 200, 0)
    state = partner.get(response.headers["Location"], headers=bearer(key)).json
    assert state == {
        "job_id": answer["job_id"], "generation_id": answer["job_id"], "status": "queued", "done": 0, "total": 200,
        "eta_seconds": None, "error": None,
    }  # fmt: skip


def test_a_job_is_followed_to_its_end_and_read_in_pages_without_gap_or_overlap(
    world: World, partner: FlaskClient, app: Flask
) -> None:
    contract, key = world.reseller(quota=250)
    job = accepted(partner, contract, key)
    assert pages(partner, contract, key, f"jobs/{job}/licenses", 100) == [[]]
    with app.app_context():
        run_slice(job)
    state = read(partner, contract, key, f"jobs/{job}").json
    assert (state["status"], state["done"], state["total"], state["eta_seconds"]) == ("completed", 250, 250, 0)
    for limit, sizes in ((100, [100, 100, 50]), (125, [125, 125]), (1000, [250]), (249, [249, 1])):
        found = pages(partner, contract, key, f"jobs/{job}/licenses", limit)
        assert [len(page) for page in found] == sizes
        assert len({license_["key"] for page in found for license_ in page}) == 250
    assert world.counters(contract) == (250, 0, 250)


def test_the_page_of_a_generation_is_that_of_its_job(world: World, partner: FlaskClient, app: Flask) -> None:
    contract, key = world.reseller()
    job = accepted(partner, contract, key, 100)
    with app.app_context():
        run_slice(job)
    by_job, by_generation = (
        read(partner, contract, key, f"{kind}/{job.upper()}/licenses").json for kind in ("jobs", "generations")
    )
    assert by_job == by_generation
    assert by_job["next_cursor"] is None


def test_while_inactive_the_state_is_told_and_the_keys_are_not(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    job = accepted(partner, contract, key)
    world.close(contract)
    assert read(partner, contract, key, f"jobs/{job}").json["status"] == "queued"
    refused(read(partner, contract, key, f"jobs/{job}/licenses"), "contract_inactive")
    refused(read(partner, contract, key, f"generations/{job}/licenses"), "contract_inactive")


def fail(world: World, contract: Contract, job: str) -> None:
    world.close(contract)
    run_slice(job)


def cancel(_: World, __: Contract, job: str) -> None:
    with transaction():
        jobs.cancel(job_id=uuid.UUID(job), by=COMMAND)


@pytest.mark.parametrize(("act", "status", "code"), [
    (fail, "failed", "contract_inactive"), (cancel, "cancelled", None),
])  # fmt: skip
def test_a_job_that_ended_early_says_how(
    world: World, partner: FlaskClient, act: Callable[..., None], status: str, code: str | None
) -> None:
    contract, key = world.reseller()
    job = accepted(partner, contract, key)
    act(world, contract, job)
    state = read(partner, contract, key, f"jobs/{job}").json
    assert (state["status"], state["eta_seconds"], (state["error"] or {}).get("code")) == (status, 0, code)
    assert world.counters(contract) == (0, 0, 0)


def test_a_license_is_read_as_it_is_now(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller()
    made = generate(partner, contract, key, count=3).json
    with transaction():
        db.run("UPDATE license SET status = 'revoked' WHERE ordinal = 0")
        db.run("UPDATE license SET expires_at = now() - interval '1 second' WHERE ordinal < 2")
    found = read(partner, contract, key, f"generations/{made['generation_id']}/licenses").json["licenses"]
    assert [license_["status"] for license_ in found] == ["revoked", "expired", "available"]


@pytest.mark.parametrize(("query", "status"), [("limit=", 422), ("cursor=", 200), ("cursor=&limit=1", 200)])
def test_an_empty_limit_is_refused_and_an_empty_cursor_is_the_first_page(
    world: World, partner: FlaskClient, query: str, status: int
) -> None:
    contract, key = world.reseller()
    made = generate(partner, contract, key, count=2).get_json()["generation_id"]
    path = f"/api/v1/contracts/{contract.id}/generations/{made}/licenses?{query}"
    assert partner.get(path, headers=bearer(key)).status_code == status
