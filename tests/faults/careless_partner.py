"""P12: a partner who puts the contract key everywhere, and faults of ours at the worst moment."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.races.wire import Answer, call, generate

GOOD = ("/healthz", "/readyz", "/openapi.json", "/docs", "/docs/errors", "/api/v1/ping")


def well_behaved(port: int, contract: str, key: str) -> Iterator[Answer]:
    """Use every endpoint as it is meant."""
    made = generate(port, contract, key, count=3, idempotency_key="good", reference="PO-1")
    yield made
    yield generate(port, contract, key, count=3, idempotency_key="good", reference="PO-1")
    yield call(port, f"/api/v1/contracts/{contract}/generations/{made.document['generation_id']}/licenses", key=key)
    queued = generate(port, contract, key, count=100)
    yield queued
    for end in ("", "/licenses"):
        yield call(port, f"/api/v1/contracts/{contract}/jobs/{queued.document['job_id']}{end}", key=key)
    for path in GOOD:
        yield call(port, path, key=key)


def careless(port: int, contract: str, key: str) -> Iterator[Answer]:
    """Send the key mistyped, in the wrong place, and in every member."""
    path = f"/api/v1/contracts/{contract}/generate"
    basic = base64.b64encode(f"user:{key}".encode()).decode()
    for wrong in (key[:-1], key + "x", key.swapcase(), key.replace("live", "test"), f"{key} {key}", f"Bearer {key}"):
        yield call(port, path, key=wrong, body=b'{"count":1}')
    for header in (f"Basic {basic}", key, f"Token {key}", f"Bearer  {key}"):
        yield call(port, path, body=b"{}", headers={"Authorization": header})
    for odd in (f"/{key}", f"/api/v1/contracts/{key}/generate", f"{path}?key={key}", f"/docs/{key}", f"{path}/{key}"):
        yield call(port, odd, key=key)
        yield call(port, odd, key=key, body=b'{"count":0}')
    licenses = f"/api/v1/contracts/{contract}/jobs/{contract}/licenses"
    for query in (f"cursor={key}", f"limit={key}", f"{key}=1", f"{key[:60]}=1", f"limit=1&limit={key}"):
        yield call(port, f"{licenses}?{query}", key=key)
    for name in (
        "X-Request-Id",
        "X-Forwarded-For",
        "Idempotency-Key",
        "Content-Encoding",
        "User-Agent",
        "Host",
        "Cookie",
    ):
        yield call(port, path, key=key, body=b'{"count":0}', headers={name: key})
    yield call(port, path, key=key, body=b"{}", headers={"Content-Type": f"application/{key}"})
    for body in (
        {key: 1},
        {key[:60]: 1},
        {"count": key},
        {"count": 1, "test": key},
        {"count": 1, "idempotency_key": [key]},
    ):
        yield call(port, path, key=key, body=json.dumps(body).encode())
    yield call(port, path, key=key, body=f'{{"count": {key}'.encode())
    yield call(port, path, key=key, body=key.encode() * 400)


@contextmanager
def without_right(owner_url: str, right: str, role: str) -> Iterator[None]:
    """Take a right away for the block, so that a statement fails as no test of ours foresaw."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f"REVOKE {right} FROM {role}".encode())
        try:
            yield
        finally:
            owner.execute(f"GRANT {right} TO {role}".encode())
