"""P3 in small: the same key with another request is refused, and another spelling is the same request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

from flask.testing import FlaskClient

from tests.races.fingerprints import licenses_of, try_keys
from tests.races.wire import Answer
from tests.world import World

REFUSED = Answer(422, {}, b'{"code":"idempotency_key_reused"}')


def sender(partner: FlaskClient, contract: object, key: str) -> Callable[[bytes, Mapping[str, str]], Answer]:
    """Return a function that posts to the gateway of this process."""

    def send(body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
        answer = partner.post(f"/api/v1/contracts/{contract}/generate", data=body, headers=sent)
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)

    return send


def test_a_key_is_bound_to_what_was_asked(world: World, partner: FlaskClient):
    contract, key = world.reseller(quota=10_000)
    found = try_keys(20, sender(partner, contract.id, key))
    print(f"\nP3 reduced: 20 keys, {found.changed} changed and {found.rewritten} rewritten requests sent again")
    assert found.wrong == []
    assert world.counters(contract) == (licenses_of(20), 0, licenses_of(20))


def test_a_key_over_the_bytes_or_over_nothing_fails_the_same_verdict():
    """The negative control: bytes refuse what only looks different; without a fingerprint a change is swallowed."""
    over_bytes = try_keys(5, naive(lambda body: hashlib.sha256(body).digest())).wrong
    over_nothing = try_keys(5, naive(lambda _: b"")).wrong
    assert any(sentence.startswith("indented") for sentence in over_bytes)
    assert any(sentence.startswith("count changed") for sentence in over_nothing)


def naive(fingerprint: Callable[[bytes], bytes]) -> Callable[[bytes, Mapping[str, str]], Answer]:
    """Return a gateway that keeps its answers by key and compares requests by ``fingerprint``."""
    kept: dict[str, bytes] = {}

    def send(body: bytes, headers: Mapping[str, str]) -> Answer:
        key = json.loads(body).get("idempotency_key") or headers["Idempotency-Key"]
        if key not in kept:
            kept[key] = fingerprint(body)
            return Answer(201, {}, b"made")
        return Answer(201, {"idempotent-replayed": "true"}, b"made") if kept[key] == fingerprint(body) else REFUSED

    return send
