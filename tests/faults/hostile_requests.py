"""P15: seeded mutations of good requests, as bytes to be sent over a socket."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.hostile_words import HEADERS, HOSTILE, METHODS, ODD_PATHS, QUERY, RAW, VALUES


@dataclass(frozen=True)
class Target:
    """What the corpus may name: a contract, its key, and the id of a job of it."""

    contract: str
    key: str
    job: str

    @property
    def path(self) -> str:
        return f"/api/v1/contracts/{self.contract}/generate"


def corpus(target: Target, cases: int, seed: int = 15) -> Iterator[bytes]:
    """Give ``cases`` requests, the same for the same seed."""
    choose = random.Random(seed)  # noqa: S311 - reproducible, not secret
    kinds = (
        _hostile_member,
        _raw_body,
        _broken_bytes,
        _odd_header,
        _odd_path,
        _odd_query,
        _odd_token,
        _odd_frame,
        _noise,
    )
    for number in range(cases):
        yield kinds[number % len(kinds)](target, choose)


def bodies(target: Target, cases: int, seed: int = 15) -> list[bytes]:
    """Return the bodies of a corpus."""
    return [request.partition(b"\r\n\r\n")[2] for request in corpus(target, cases, seed)]


def _request(
    target: Target, body: bytes, *, method: bytes = b"POST", path: str = "", headers: dict[str, bytes] | None = None
) -> bytes:
    sent = {
        "Host": b"gateway.example", "Authorization": f"Bearer {target.key}".encode(),
        "Content-Type": b"application/json", "Content-Length": str(len(body)).encode(), **(headers or {}),
    }  # fmt: skip
    lines = [b"%s %s HTTP/1.1" % (method, (path or target.path).encode())]
    return b"\r\n".join([*lines, *(name.encode() + b": " + value for name, value in sent.items()), b"", body])


def _good(choose: random.Random) -> dict[str, object]:
    return {"count": 1, "idempotency_key": f"k-{choose.randrange(50)}", "test": False, "reference": "PO-1"}


def _hostile_member(target: Target, choose: random.Random) -> bytes:
    body = _good(choose)
    name = choose.choice([*body, "Count", "", "__proto__", "x" * 80, "\ud800", "a/b~c"])
    body[name] = choose.choice(HOSTILE)
    return _request(target, json.dumps(body).encode())


def _raw_body(target: Target, choose: random.Random) -> bytes:
    body = choose.choice(RAW)
    wrap: Callable[[bytes], bytes] = choose.choice(
        [bytes, bytes, gzip.compress, base64.b64encode, _as_utf16, lambda text: text * 3]
    )
    return _request(target, wrap(body))


def _as_utf16(text: bytes) -> bytes:
    return text.decode("latin-1").encode("utf-16")


def _broken_bytes(target: Target, choose: random.Random) -> bytes:
    body = bytearray(json.dumps(_good(choose)).encode())
    for _ in range(choose.randint(1, 4)):
        at = choose.randrange(len(body))
        body[at : at + choose.randint(0, 3)] = choose.randbytes(choose.randint(0, 3))
        body = body or bytearray(b"{")
    return _request(target, bytes(body))


def _odd_header(target: Target, choose: random.Random) -> bytes:
    odd = {choose.choice(HEADERS): choose.choice(VALUES) for _ in range(choose.randint(1, 3))}
    return _request(target, json.dumps(_good(choose)).encode(), headers=odd)


def _odd_path(target: Target, choose: random.Random) -> bytes:
    known = (
        target.path,
        f"/api/v1/contracts/{target.contract}/jobs/{target.job}",
        "/api/v1/ping",
        "/docs",
        "/openapi.json",
        "/readyz",
    )
    path = choose.choice([*known, *ODD_PATHS])
    if choose.random() < 0.5:
        at = choose.randrange(len(path)) if path else 0
        path = (
            path[:at]
            + choose.choice(["%00", "/", "%", "é", "%2F", "A", "{", "..", "%0d%0a", "\\", "~"])
            + path[at + 1 :]
        )
    return _request(target, b'{"count":0}', method=choose.choice(METHODS), path=path)


def _odd_query(target: Target, choose: random.Random) -> bytes:
    base = f"/api/v1/contracts/{target.contract}/{choose.choice(['jobs', 'generations'])}/{target.job}/licenses"
    names = [choose.choice(["cursor", "limit", "Limit", "x" * 70, "%00", ""]) for _ in range(choose.randint(1, 3))]
    query = "&".join(f"{name}={choose.choice(QUERY)}" for name in names)
    return _request(target, b"", method=b"GET", path=f"{base}?{query}")


def _odd_token(target: Target, choose: random.Random) -> bytes:
    key = target.key
    at = choose.randrange(len(key))
    token = choose.choice(
        [key[:at], key + key, key[:at] + "é" + key[at:], key.upper(), "a" * 10_000, key[:at] + "_" + key[at + 1 :], ""]
    )
    scheme = choose.choice(["Bearer", "bearer", "BEARER", "Basic", "", "Bearer Bearer"])
    return _request(target, b'{"count":0}', headers={"Authorization": f"{scheme} {token}".encode()})


def _odd_frame(target: Target, choose: random.Random) -> bytes:
    body = json.dumps(_good(choose)).encode()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    ways: tuple[tuple[dict[str, bytes], bytes], ...] = (
        ({"Content-Length": b"%d" % (len(body) + 7)}, body), ({"Content-Length": b"%d" % (len(body) - 7)}, body),
        ({"Content-Length": b"17000"}, b"x" * 17_000), ({"Content-Length": b"99999999999999999999"}, body),
        ({"Transfer-Encoding": b"chunked"}, chunks),
        ({"Content-Length": b"5", "Transfer-Encoding": b"chunked"}, chunks),
        ({"X-Te": b"1\r\nTransfer-Encoding: chunked"}, b"zz\r\n" + chunks),
        ({"Connection": b"keep-alive"}, body + b"GET / HTTP/1.1\r\n\r\n"),
        ({"X-Folded": b"a\r\n b"}, body), ({"X-Two": b"1\r\nAuthorization: Bearer two"}, body),
    )  # fmt: skip
    headers, sent = choose.choice(ways)
    return _request(target, sent, headers=headers)


def _noise(target: Target, choose: random.Random) -> bytes:
    """Break a good request anywhere, its head too."""
    request = bytearray(_request(target, json.dumps(_good(choose)).encode()))
    for _ in range(choose.randint(1, 3)):
        at = choose.randrange(len(request))
        request[at : at + choose.randint(0, 2)] = choose.randbytes(choose.randint(0, 2))
    return bytes(request[: choose.randrange(len(request))] if choose.random() < 0.1 else request)
