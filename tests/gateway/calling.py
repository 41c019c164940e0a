"""Calls to the gateway as a partner makes them, and what every refusal must look like (GATEWAY 5)."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import unquote

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway_app.problems import STATUS
from shared.models import Contract
from tests.world import one

CODES = {refusal.code: status for refusal, status in STATUS.items()}
INNARDS = re.compile(r"Traceback|psycopg|sqlalchemy|SELECT |INSERT |\.py\b", re.IGNORECASE)


def url(contract: Contract | uuid.UUID | str, rest: str = "generate") -> str:
    found = contract.id if isinstance(contract, Contract) else contract
    return f"/api/v1/contracts/{found}/{rest}"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def generate(
    client: FlaskClient, contract: Contract, key: str, *, headers: dict[str, str] | None = None, **request: Any
) -> TestResponse:
    return client.post(url(contract), json=request, headers={**bearer(key), **(headers or {})})


def send(client: FlaskClient, contract: Contract, key: str, body: bytes, **headers: str) -> TestResponse:
    """Send ``body`` as it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(url(contract), data=body, headers={"Content-Type": "application/json", **bearer(key), **named})


def read(client: FlaskClient, contract: Contract, key: str, rest: str) -> TestResponse:
    return client.get(url(contract, rest), headers=bearer(key))


def refused(response: TestResponse, code: str) -> dict[str, Any]:
    """Return the problem, which has the status of ``code``, every member, and nothing of our insides."""
    problem: dict[str, Any] = response.json or {}
    assert (response.status_code, problem.get("code")) == (CODES[code], code), response.text
    assert response.content_type == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["success"] is False
    assert unquote(problem["instance"]) == response.request.path
    assert problem["type"].endswith(f"/docs/errors#{code}")
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert problem["title"]
    assert problem["detail"]
    assert not INNARDS.search(response.text)
    return problem


def nothing_made() -> bool:
    """Tell whether no license, no generation and no draw on a quota exists."""
    row = one("SELECT (SELECT count(*) FROM license) + (SELECT count(*) FROM generation) +"
              " (SELECT COALESCE(sum(used + reserved + test_live), 0) FROM contract_quota) AS n")  # fmt: skip
    return bool(row.n == 0)
