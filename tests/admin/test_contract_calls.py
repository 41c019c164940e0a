"""The list of a contract's API calls, found again by result and by the id of a request (SPEC A-2, UX 38)."""

from __future__ import annotations

import re

import pytest
from uuid_utils.compat import uuid7

from shared import clock
from shared.db import db
from shared.models import ApiCall, Contract
from shared.transaction import transaction
from tests.admin.office import Visit
from tests.world import World

OUTCOMES = [
    ("accepted", 202, None),
    ("address", 403, "ip_not_allowed"),
    ("limit", 429, "rate_limited"),
    ("refused", 409, "quota_exceeded"),
    ("failed", 500, "internal"),
]


def page_of(contract: Contract, rest: str = "") -> str:
    return f"/admin/contracts/{contract.id}/{rest}"


def told(contract: Contract, n: int, *, status: int = 201, code: str | None = None) -> None:
    """Put ``n`` calls into the log."""
    with transaction():
        for number in range(n):
            db.session.add(
                ApiCall(
                    id=uuid7(), at=clock.now(), environment_id=contract.environment_id, contract_id=contract.id,
                    key="abcd", address="192.0.2.7", method="POST", endpoint="generations.create", status=status,
                    code=code, latency_ms=3.0, request_id=f"req_{status}_{number}",
                )
            )  # fmt: skip


def test_eight_calls_are_on_the_page_and_all_of_them_in_the_list(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller()
    other, _ = world.reseller()
    told(contract, 11)
    told(other, 2)
    page = viewer.get(page_of(contract)).text
    assert page.count('aria-label="Copy request id"') == 8
    assert page_of(contract, "calls/") in page
    assert "11 calls" in viewer.get(page_of(contract, "calls/")).text


@pytest.mark.parametrize(("result", "status"), [outcome[:2] for outcome in OUTCOMES])
def test_calls_are_found_by_what_became_of_them(viewer: Visit, world: World, result: str, status: int) -> None:
    contract, _ = world.reseller()
    for _, made_status, made_code in OUTCOMES:
        told(contract, 1, status=made_status, code=made_code)
    text = viewer.get(page_of(contract, f"calls/?result={result}")).text
    assert re.findall(r"<code>(req_[0-9_]+)</code>", text) == [f"req_{status}_0"]


def test_a_call_is_found_by_the_id_of_its_request(viewer: Visit, world: World) -> None:
    contract, _ = world.reseller()
    told(contract, 5)
    text = viewer.get(page_of(contract, "calls/?search=req_201_3")).text
    assert re.findall(r"<code>(req_[0-9_]+)</code>", text) == ["req_201_3"]
    assert "No calls match" in viewer.get(page_of(contract, "calls/?search=%25")).text


def test_the_calls_of_a_contract_of_another_environment_are_not_found(viewer: Visit, world: World) -> None:
    product = world.product(environment_id=2)
    contract = world.contract(generator=world.generator(product), api_access="1", type="reseller")
    assert viewer.get(page_of(contract, "calls/")).status_code == 404
    assert viewer.get(page_of(contract, "sheet/")).status_code == 404
