"""The gunicorn worker of the back-office: what cannot be read as HTTP is answered like every other refusal."""

from __future__ import annotations

import ssl
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from admin_app.edge import HEADERS, new_request_id
from admin_app.failures import status_of
from admin_app.refusals import InternalError, UnreadableRequest
from shared.errors import DomainError

log = structlog.get_logger()

# Outside any request there are no templates; the same parts as error.html, by hand.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} · Allotment</title>
<link rel="stylesheet" href="/static/app.css"></head>
<body><main id="main" class="plain"><p class="brand">Allotment</p><div class="card plain-card">
<p class="error-code">{status}</p><h1>{title}</h1><p>{sentence}</p>
<p><a class="btn btn-primary" href="/admin/">Back to Home</a></p><p class="note">Request {request_id}</p>
</div></main></body></html>
"""


class QuietWorker(ThreadWorker):
    """Threads that answer broken framing in our words: gunicorn's are bare and quote what was sent."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what never reached the application, and close the connection."""
        del req
        is_theirs = isinstance(exc, ParseException | ssl.SSLError)
        refusal = UnreadableRequest() if is_theirs else InternalError()
        request_id = new_request_id()
        note = log.info if is_theirs else log.error
        note("office.unreadable", request_id=request_id, address=str(addr), cause=type(exc).__name__)
        with suppress(OSError):
            client.sendall(answer(refusal, request_id=request_id))


def answer(refusal: DomainError, *, request_id: str) -> bytes:
    """Return a whole HTTP answer with the page of ``refusal``."""
    status = HTTPStatus(status_of(refusal))
    page = PAGE.format(title=refusal.title, status=status.value, sentence=refusal, request_id=request_id).encode()
    headers = {
        **HEADERS,
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(page)),
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + page
