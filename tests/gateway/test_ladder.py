"""The order of checks: a call that fails on many rungs is told of the first (GATEWAY 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import clock
from shared.models import Contract
from shared.services import contracts, generators, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.gateway.calling import generate, refused, url
from tests.world import World, one


@dataclass
class Call:
    """A call that is wrong in every way a call can be."""

    scheme: str = "http"
    path: str = ""
    method: str = "PUT"
    media: str = "text/plain"
    body: bytes = b"{" * 17_000
    key: str = "alk_live_wrong"
    headers: dict[str, str] = field(default_factory=dict)

    def make(self, client: FlaskClient) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": self.media, **self.headers}
        return client.open(
            self.path, base_url=f"{self.scheme}://gateway.example", method=self.method, data=self.body, headers=headers
        )


def amend(world: World, contract: Contract, **fields: Any) -> None:
    contract.version = one("SELECT version FROM contract WHERE id = %(id)s", id=contract.id).version
    world.amend(contract, **fields)


def switch(contract: Contract, status: str, *, product: bool) -> None:
    with transaction(environment_id=1):
        if product:
            products.amend(product_id=contract.product_id, fields={"status": status}, by=COMMAND)
        else:
            generators.amend(generator_id=contract.generator_id, fields={"status": status}, by=COMMAND)


def open_gate(contract: Contract) -> None:
    with transaction(environment_id=1):
        contracts.activate(contract_id=contract.id, by=COMMAND, at=clock.now())


def set_quota(contract: Contract, quota: int) -> None:
    with transaction(environment_id=1):
        contracts.set_quota(contract_id=contract.id, quota=quota, by=COMMAND, at=clock.now())


def break_everything(world: World, contract: Contract) -> None:
    switch(contract, "inactive", product=False)
    world.close(contract)
    amend(
        world, contract, api_access=False, allow="192.0.2.1", expiry_kind="date", expiry_date=date(2020, 1, 1),
        per_minute=1,
    )  # fmt: skip
    switch(contract, "inactive", product=True)


def steps(
    world: World, contract: Contract, key: str, other_key: str, call: Call
) -> list[tuple[str, Callable[[], object]]]:
    """Return each refusal in its order with what mends its cause, and nothing else."""

    def put(**members: Any) -> Callable[[], object]:
        return lambda: vars(call).update(members)

    return [
        ("https_required", put(scheme="https")),
        ("not_found", put(path=url(contract))),
        ("method_not_allowed", put(method="POST")),
        ("unsupported_media_type", put(media="application/json")),
        ("body_too_large", put(body=b"{")),
        ("invalid_key", put()),
        ("too_many_attempts", put(key=other_key)),
        ("key_not_for_contract", put(key=key)),
        ("api_access_disabled", lambda: amend(world, contract, api_access=True)),
        ("ip_not_allowed", lambda: amend(world, contract, allow="127.0.0.1")),
        ("rate_limited", lambda: amend(world, contract, per_minute=None)),
        ("malformed_request", put(body=b'{"count": 0, "idempotency_key": "used"}')),
        ("invalid_parameter", put(body=b'{"count": 2, "idempotency_key": "used"}')),
        ("contract_inactive", lambda: open_gate(contract)),
        ("idempotency_key_reused", put(body=b'{"count": 2, "idempotency_key": "new"}')),
        ("contract_expired", lambda: amend(world, contract, expiry_kind="never")),
        ("product_inactive", lambda: switch(contract, "active", product=True)),
        ("generator_unavailable", lambda: switch(contract, "active", product=False)),
        ("quota_exceeded", lambda: set_quota(contract, 3)),
    ]


def test_a_call_is_told_of_the_first_rung_it_fails(
    world: World, partner: FlaskClient, gateway_with: Callable[..., FlaskClient]
) -> None:
    contract, key = world.reseller(quota=1, per_minute=1)
    _, other_key = world.reseller()
    assert generate(partner, contract, key, count=1, idempotency_key="used").status_code == 201
    break_everything(world, contract)
    client = gateway_with(deployment="production", failed_keys_per_minute=1)
    call = Call(path=url(contract) + "/")
    for code, mend in steps(world, contract, key, other_key, call):
        refused(call.make(client), code)
        assert world.counters(contract) == (1, 0, 1)
        mend()
    assert call.make(client).status_code == 201
    assert world.counters(contract) == (3, 0, 3)


def test_everything_that_was_refused_left_the_idempotency_keys_unused(world: World, partner: FlaskClient) -> None:
    contract, key = world.reseller(quota=1)
    for count in (2, 3, 4):
        refused(generate(partner, contract, key, count=count, idempotency_key="k"), "quota_exceeded")
    assert one("SELECT count(*) AS n FROM generation").n == 0
    made = generate(partner, contract, key, count=1, idempotency_key="k")
    assert (made.status_code, "Idempotent-Replayed" in made.headers) == (201, False)
