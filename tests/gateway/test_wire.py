"""What only a real socket can say: broken framing, endless bodies, doubled headers; never a 5xx (RELIABILITY P15)."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests import running
from tests.gateway.calling import nothing_made, url
from tests.world import World, one

BODY = b'{"count": 1}'
GOOD = b"Content-Length: 12\r\n"


@pytest.fixture(scope="module")
def port(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A gateway under gunicorn as it runs in production."""
    with running.gateway(environ, tmp_path_factory.mktemp("wire"), GATEWAY_WORKERS="1") as (_, found):
        yield found


class Wire:
    """One contract and its key, and requests written by hand."""

    def __init__(self, port: int, path: str, key: str) -> None:
        self._port, self._path, self._key = port, path, key

    def head(self, headers: bytes, *, start: bytes = b"", host: bytes = b"Host: gateway.example\r\n") -> bytes:
        key = f"Authorization: Bearer {self._key}\r\nContent-Type: application/json\r\n".encode()
        return (start or f"POST {self._path} HTTP/1.1\r\n".encode()) + host + key + headers + b"\r\n"

    def say(self, *parts: bytes, close: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Send ``parts``, stop writing when ``close``, and return status, headers and body; status 0 is no answer."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=10) as connection:
            with contextlib.suppress(OSError):  # the gateway may have answered and closed already
                for part in parts:
                    connection.sendall(part)
                if close:
                    connection.shutdown(socket.SHUT_WR)
            return read_answer(connection)


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while b"\r\n\r\n" not in text and (more := connection.recv(65_536)):
            text += more
        head, _, body = text.partition(b"\r\n\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])}  # fmt: skip
        length = int(headers.get("content-length", "0"))
        while len(body) < length and (more := connection.recv(65_536)):
            body += more
        return int(head.split(b" ")[1]) if head else 0, headers, body[:length]
    return 0, {}, b""


@pytest.fixture
def wire(world: World, port: int) -> Wire:
    contract, key = world.reseller()
    return Wire(port, url(contract), key)


def is_problem(answer: tuple[int, dict[str, str], bytes], status: int, code: str) -> bool:
    found, headers, body = answer
    assert (found, headers.get("content-type")) == (status, "application/problem+json"), answer
    problem = json.loads(body)
    assert (problem["code"], problem["success"], problem["status"]) == (code, False, status)
    return {"type", "title", "detail", "instance", "request_id"} <= set(problem)


BROKEN = {
    "wrong Content-Length": b"Content-Length: abc\r\n", "negative": b"Content-Length: -5\r\n",
    "plus": b"Content-Length: +12\r\n", "two lengths": b"Content-Length: 12\r\nContent-Length: 13\r\n",
    "list of lengths": b"Content-Length: 12, 12\r\n", "TE and CL": GOOD + b"Transfer-Encoding: chunked\r\n",
    "unknown coding": b"Transfer-Encoding: gzip\r\n", "gzip then chunked": b"Transfer-Encoding: gzip, chunked\r\n",
    "odd coding": b"Transfer-Encoding: xchunked\r\n", "twice chunked": b"Transfer-Encoding: chunked, chunked\r\n",
    "space before colon": GOOD + b"X-Odd : 1\r\n", "no colon": GOOD + b"nonsense\r\n",
    "folded": GOOD + b"X-Odd: 1\r\n 2\r\n", "NUL": GOOD + b"X-Odd: \0\r\n",
    "40 kB header": GOOD + b"X-Odd: " + b"x" * 40_000 + b"\r\n",
    "many headers": GOOD + b"".join(b"X-%d: 1\r\n" % n for n in range(200)),
    "unknown expectation": GOOD + b"Expect: wonders\r\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_framing_is_malformed(wire: Wire, kind: str) -> None:
    assert is_problem(wire.say(wire.head(BROKEN[kind]), BODY), 400, "malformed_request")
    assert nothing_made()


@pytest.mark.parametrize("start", [
    b"GET / HTTP/9.9\r\n", b"nonsense\r\n", b"P\0ST / HTTP/1.1\r\n", b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n",
    b"GET  HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
])  # fmt: skip
def test_a_request_line_that_cannot_be_read_is_malformed(wire: Wire, start: bytes) -> None:
    assert is_problem(wire.say(wire.head(b"", start=start)), 400, "malformed_request")


def test_a_body_shorter_than_its_length_makes_nothing(wire: Wire) -> None:
    assert is_problem(wire.say(wire.head(b"Content-Length: 13\r\n"), BODY), 400, "malformed_request")
    assert nothing_made()


def test_a_body_longer_than_its_length_is_read_as_long_as_it_says(wire: Wire) -> None:
    assert is_problem(wire.say(wire.head(b"Content-Length: 5\r\n"), BODY), 400, "malformed_request")


CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "chunks",
    [b"z\r\n", b"-1\r\n", b"5\r\nab\r\n0\r\n\r\n", b"c;a=\0\r\n" + BODY + b"\r\n0\r\n\r\n", b"c\r\n" + BODY + b"XX"],
)
def test_broken_chunks_are_malformed(wire: Wire, chunks: bytes) -> None:
    assert is_problem(wire.say(wire.head(CHUNKED), chunks), 400, "malformed_request")
    assert nothing_made()


def test_endless_chunks_are_cut_off_at_the_limit(wire: Wire) -> None:
    started = time.monotonic()
    answer = wire.say(wire.head(CHUNKED), *[b"1000\r\n" + b" " * 4096 + b"\r\n"] * 200, close=False)
    assert is_problem(answer, 413, "body_too_large")
    assert time.monotonic() - started < 5


def test_a_chunked_body_is_a_body(wire: Wire) -> None:
    status, _, _ = wire.say(wire.head(CHUNKED), b"c\r\n" + BODY + b"\r\n0\r\n\r\n")
    assert status == 201


def test_a_body_announced_as_too_large_is_refused_without_being_sent(wire: Wire) -> None:
    assert is_problem(wire.say(wire.head(b"Content-Length: 16385\r\n")), 413, "body_too_large")


@pytest.mark.parametrize("header", [b"Authorization: Bearer x\r\n", b"authorization: Basic eDp5\r\n"])
def test_two_authorization_headers_are_no_key(wire: Wire, header: bytes) -> None:
    assert is_problem(wire.say(wire.head(GOOD + header), BODY), 401, "invalid_key")
    assert nothing_made()


@pytest.mark.parametrize("token", [b"x" * 10_000, b"\xe9\xff" * 20, "\u00e9".encode() * 20])
def test_a_token_of_10_kb_or_of_other_letters_is_no_key(wire: Wire, token: bytes) -> None:
    start = wire.head(b"").partition(b"\r\n")[0] + b"\r\n"
    head = (
        start
        + b"Host: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
        + token
        + b"\r\n"
        + GOOD
        + b"\r\n"
    )
    assert is_problem(wire.say(head, BODY), 401, "invalid_key")


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"Host: \r\n",
        b"Host: a b\r\n",
        b"Host: <x>\r\n",
        b"Host: a\r\nHost: b\r\n",
        b"Host: \xe9\r\n",
        b"Host: a:x\r\n",
    ],
)
def test_an_odd_host_is_answered_and_never_a_fault(wire: Wire, host: bytes) -> None:
    status, headers, body = wire.say(wire.head(b"Content-Length: 2\r\n", host=host), b"{}")
    assert status in {400, 422}, body
    assert headers["content-type"] == "application/problem+json"
    assert b"<x>" not in body


def test_a_caller_that_hangs_up_does_not_undo_its_generation(world: World, port: int) -> None:
    contract, key = world.reseller()
    other = Wire(port, url(contract), key)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(other.head(GOOD) + BODY)
    running.wait_until(lambda: world.counters(contract) == (1, 0, 1), 5, "The generation")


def test_a_second_request_on_the_connection_is_its_own(wire: Wire) -> None:
    """The negative control: what is refused above is the framing, not the socket."""
    status, headers, body = wire.say(wire.head(GOOD), BODY + wire.head(GOOD) + BODY)
    assert (status, headers["content-type"], json.loads(body)["licenses_generated"]) == (201, "application/json", 1)
    running.wait_until(lambda: one("SELECT count(*) AS n FROM generation").n == 2, 5, "The second generation")
