"""P3: requests that use an idempotency key again, changed or only written differently; and the verdict."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.races.wire import Answer

Send = Callable[[bytes, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Found:
    """How many requests were sent again in each way, and what was wrong with the answers."""

    changed: int
    rewritten: int
    wrong: list[str]


def try_keys(keys: int, send: Send) -> Found:
    """Send ``keys`` requests, each then with every field changed and in every other spelling."""
    choose = random.Random(3)  # noqa: S311 - reproducible, not secret
    wrong, changed, rewritten = [], 0, 0
    for number in range(keys):
        order = _order(number, choose)
        first = send(json.dumps(order).encode(), {})
        if first.status != 201:
            wrong.append(f"{order}: {first.status}")
        for name, other in _changed(order):
            answer = send(json.dumps(other).encode(), {})
            changed += 1
            if answer.status != 422 or answer.document.get("code") != "idempotency_key_reused":
                wrong.append(f"{name} changed: {answer.status} {answer.body[:80]!r}")
        for name, body, headers in _rewritten(order):
            answer = send(body, headers)
            rewritten += 1
            if not (answer.is_replay and (answer.status, answer.body) == (first.status, first.body)):
                wrong.append(f"{name}: {answer.status} {answer.body[:80]!r}")
    return Found(changed, rewritten, wrong)


def licenses_of(keys: int) -> int:
    """Return how many licenses count against the quota when each key has one effect."""
    choose = random.Random(3)  # noqa: S311 - the same orders again
    return sum(order["count"] for order in (_order(number, choose) for number in range(keys)) if not order["test"])


def _order(number: int, choose: random.Random) -> dict[str, Any]:
    """Return a full order; a test order now and then, of which a contract holds few."""
    return {
        "count": 1 if number % 20 == 0 else choose.randint(1, 4),  # a test order may have five at most
        "idempotency_key": f"key-{number}-{choose.randrange(10**6)}",
        "test": number % 20 == 0,
        "reference": f"PO {number} für Zoë",
    }


def _changed(order: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "count", {**order, "count": order["count"] + 1}
    yield "test", {**order, "test": not order["test"]}
    for reference in (order["reference"].upper(), order["reference"] + " ", "", "PO 0"):
        yield "reference", {**order, "reference": reference}
    yield "reference left out", {name: value for name, value in order.items() if name != "reference"}
    yield "all", {**order, "count": order["count"] + 1, "test": not order["test"], "reference": "other"}


def _rewritten(order: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    text = json.dumps(order)
    yield "the same bytes", text.encode(), {}
    yield "indented", json.dumps(order, indent=3).encode(), {}
    yield "no spaces", json.dumps(order, separators=(",", ":")).encode(), {}
    yield "white space around", b"\r\n\t " + text.encode() + b"\n\n", {}
    yield "another order", json.dumps(dict(reversed(order.items()))).encode(), {}
    yield "not escaped", json.dumps(order, ensure_ascii=False).encode(), {}
    yield "more escaped", text.replace("PO", "\\u0050\\u004f").encode(), {}
    yield "5.0", json.dumps({**order, "count": float(order["count"])}).encode(), {}
    if not order["test"]:
        yield "default left out", json.dumps({n: v for n, v in order.items() if n != "test"}).encode(), {}
    without = {name: value for name, value in order.items() if name != "idempotency_key"}
    yield "key in the header", json.dumps(without).encode(), {"Idempotency-Key": order["idempotency_key"]}
    yield "key in both", text.encode(), {"Idempotency-Key": order["idempotency_key"]}
    yield "media type with charset", text.encode(), {"Content-Type": 'application/json; charset="UTF-8"'}
