"""P15: sending a corpus over sockets as it is, and the verdict on the answers."""

from __future__ import annotations

import contextlib
import http
import json
import socket
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.gateway.test_wire import read_answer


@dataclass
class Findings:
    """What a corpus came to: the answers by status, those of the server in front apart, and what was wrong."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    not_http: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def send_all(port: int, requests: Sequence[bytes]) -> Findings:
    """Send every request on a connection of its own and judge the answers."""
    findings = Findings()
    with ThreadPoolExecutor(8) as pool:
        for request, answer in zip(requests, pool.map(lambda one: _send(port, one), requests), strict=True):
            judge(findings, request, answer)
    return findings


def judge(findings: Findings, request: bytes, answer: tuple[int, dict[str, str], bytes]) -> None:
    """Count one answer: a fault, or a refusal of the gateway that is no problem document, is wrong."""
    status, headers, body = answer
    findings.cases += 1
    if "x-request-id" not in headers:  # the server in front: what it got is not HTTP, or was cut short
        findings.not_http[status] += 1
        if status >= 500 or (status == 0 and b"\r\n\r\n" in request):  # only an unfinished head gets no answer
            findings.wrong.append(f"{status} by the server to {request[:120]!r}")
        return
    findings.statuses[status] += 1
    if status >= 500:
        findings.wrong.append(f"{status} to {request[:300]!r}")
    elif status >= 400 and not request.startswith(b"HEAD") and not _is_problem(status, headers, body):
        findings.wrong.append(f"{status} {headers.get('content-type')} to {request[:120]!r}")


def _is_problem(status: int, headers: dict[str, str], body: bytes) -> bool:
    if headers.get("content-type") != "application/problem+json":
        return False
    document = json.loads(body)
    named = {"type", "title", "status", "detail", "instance", "code", "request_id", "success"}
    return named <= set(document) and document["status"] == status and document["success"] is False


def _send(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        with contextlib.suppress(OSError):  # it may have answered and closed before all was sent
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        answer = read_answer(connection)
        return read_answer(connection) if answer[0] == http.HTTPStatus.CONTINUE else answer
