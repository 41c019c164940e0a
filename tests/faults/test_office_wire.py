"""What only a real socket can say to the back-office: broken framing, endless heads, odd methods."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from tests import running
from tests.faults.hostile_requests import Target, corpus
from tests.gateway.test_wire import read_answer

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
ZIPPED = gzip.compress(b"a=b", mtime=0)
LOUD = re.compile(rb"Traceback|File \"|psycopg|sqlalchemy|gunicorn|werkzeug|python|SELECT |<zq", re.IGNORECASE)
BROKEN = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /\r\n\r\n",
    b"ZQ\r\n\r\n",
    b"\x16\x03\x01\x02\r\n\r\n",
    b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    b"GET /<zq-x> HTTP/zq\r\n" + HOST + b"\r\n",
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X%d: 1\r\n" % n for n in range(80)) + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Host: zq\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"<zq-x>\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A\0: b\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: -1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: zq\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\nzq\r\n",
)
READABLE = (
    b"GET /nope HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /admin/ HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT zq:1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://zq.example/admin/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET //zq.example/.. HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /%00%ff%zz HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /static/../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /static/%2e%2e%2f%2e%2e%2fpasswd HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: <zq-x>\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: zq.example/a?b\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Cookie: " + b"allotment=" + b"a" * 7_000 + b"\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Cookie: allotment=a; allotment=b; \xff=\xfe; ;=;\r\n\r\n",
    b"GET /admin/ HTTP/1.1\r\n" + HOST + b"X-Forwarded-For: 1.2.3.4,zq\r\n" + b"X-Forwarded-Host: zq\r\n\r\n",
    b"GET /static/app.css HTTP/1.1\r\n" + HOST + b"Range: bytes=zq-,9999999999-1\r\n\r\n",
    b"GET /static/app.css HTTP/1.1\r\n" + HOST + b"If-None-Match: \xff\r\nIf-Modified-Since: zq\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 2000000\r\n\r\n" + b"a" * 2_000_000,
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 99999999999999999999\r\n\r\na",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Encoding: gzip\r\nContent-Length: 23\r\n\r\n" + ZIPPED,
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 50\r\n\r\ncut=short",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Expect: zq\r\nContent-Length: 0\r\n\r\n",
)


@pytest.fixture(scope="module")
def served(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, running.Process]]:
    """A back-office under gunicorn as it runs in production."""
    with running.office(environ, tmp_path_factory.mktemp("office"), ADMIN_WORKERS="1") as (process, port):
        yield port, process


def say(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are and return status, headers and body; status 0 is no answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        with contextlib.suppress(OSError):  # it may have answered and closed before all was sent
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        return read_answer(connection)


def ensure_quiet(headers: dict[str, str], body: bytes, request: bytes) -> None:
    if not headers.get("content-type", "").startswith(("text/css", "text/javascript")):
        assert LOUD.search(body) is None, (request[:100], body[:300])
    assert headers.get("server", "allotment") == "allotment"
    assert re.fullmatch("req_[0-9a-f]{24}", headers["x-request-id"]), request[:100]
    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("request_", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_http_gets_a_page_with_a_request_id(served: tuple[int, running.Process], request_: bytes) -> None:
    status, headers, body = say(served[0], request_)
    assert status in {200, 302, 400, 404, 405, 413, 431, 403}, body[:300]
    ensure_quiet(headers, body, request_)
    if status >= 400:
        assert headers["x-request-id"].encode() in body
        assert b"/static/app.css" in body


@pytest.mark.parametrize("request_", READABLE, ids=range(len(READABLE)))
def test_what_is_odd_is_answered_without_a_fault(served: tuple[int, running.Process], request_: bytes) -> None:
    status, headers, body = say(served[0], request_)
    assert 200 <= status < 500, (status, body[:300])
    ensure_quiet(headers, body, request_)


def test_a_corpus_made_for_the_gateway_is_no_fault_here(served: tuple[int, running.Process]) -> None:
    port, process = served
    statuses = Counter[int]()
    for request in corpus(Target("01890000-0000-7000-8000-000000000000", "alk_live_" + "a" * 61, "j"), 400):
        status, headers, body = say(port, request.replace(b"/api/v1/contracts", b"/admin/contracts"))
        statuses[status] += 1
        assert status < 500, (status, request[:200])
        if status:
            ensure_quiet(headers, body, request)
    log = process.log.read_text(errors="replace")
    print(f"\nback-office over sockets: {dict(sorted(statuses.items()))}")
    assert "office.fault" not in log
    assert "Traceback" not in log
