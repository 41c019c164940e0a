"""The gunicorn worker of the gateway: what cannot be read as HTTP is answered like every other refusal (GATEWAY 5)."""

from __future__ import annotations

import json
import ssl
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from gateway_app.edge import new_request_id
from gateway_app.problems import STATUS
from gateway_app.refusals import InternalError, MalformedRequest
from shared.errors import DomainError
from shared.logs import cut

log = structlog.get_logger()


class ProblemWorker(ThreadWorker):
    """Threads that answer broken framing in our words: gunicorn's are HTML, quote the caller and know a 501."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what never reached the application, and close the connection."""
        is_theirs = isinstance(exc, ParseException | ssl.SSLError)
        refusal = MalformedRequest(detail="The request cannot be read as HTTP.") if is_theirs else InternalError()
        request_id = new_request_id()
        note = log.info if is_theirs else log.error
        note("gateway.unreadable", request_id=request_id, address=str(addr), cause=type(exc).__name__)
        with suppress(OSError):
            client.sendall(answer(refusal, path=getattr(req, "path", None) or "/", request_id=request_id))


def answer(refusal: DomainError, *, path: str, request_id: str) -> bytes:
    """Return a whole HTTP answer with the problem document of ``refusal``."""
    status = HTTPStatus(STATUS[type(refusal)])
    document = {
        "type": f"/docs/errors#{refusal.code}",  # whose host was called cannot be told
        "title": refusal.title,
        "status": status,
        "detail": str(refusal),
        "instance": quote(cut(path), safe="/%"),
        "code": refusal.code,
        "request_id": request_id,
        "success": False,
    }
    body = json.dumps(document)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Request-Id: {request_id}\r\n\r\n"
    )
    return (head + body).encode("ascii")
