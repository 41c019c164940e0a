"""One call over HTTP, and the whole answer: status, headers and the bytes of the body."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What came back; ``seconds`` is how long the caller waited. Status 0 is a connection lost before an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def document(self) -> dict[str, Any]:
        """Return the JSON of the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def is_replay(self) -> bool:
        """Tell whether the gateway says that this was answered before."""
        return self.headers.get("idempotent-replayed") == "true"


LOST = Answer(0, {}, b"")


def call(
    port: int, path: str, *, key: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """GET ``path``, or POST ``body`` to it, on a connection of its own; return LOST when no answer came."""
    sent = {"Content-Type": "application/json"} if body is not None else {}
    sent |= {"Authorization": f"Bearer {key}"} if key else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    started = time.perf_counter()
    try:
        connection.request("GET" if body is None else "POST", path, body, {**sent, **(headers or {})})
        answer = connection.getresponse()
        read = answer.read()
    except (OSError, http.client.HTTPException):
        return LOST
    finally:
        connection.close()
    found = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, found, read, time.perf_counter() - started)


def generate(port: int, contract: object, key: str, headers: Mapping[str, str] | None = None, **order: Any) -> Answer:
    """Ask for licenses of ``contract``."""
    path = f"/api/v1/contracts/{contract}/generate"
    return call(port, path, key=key, body=json.dumps(order).encode(), headers=headers)


def generate_until_answered(port: int, contract: object, key: str, **order: Any) -> Answer:
    """Ask as a careful partner: again with the same idempotency key until there is an answer to keep."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = generate(port, contract, key, **order)
        if answer.status not in {0, 409, 503}:
            return answer
        time.sleep(0.1)
    raise AssertionError("the gateway gave no answer within 30 s")
