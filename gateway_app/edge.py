"""What holds for every request before and after its view: HTTPS, one address, one request id, closed headers."""

from __future__ import annotations

import re
import secrets
import time
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request

from gateway_app import ladder
from gateway_app.rate_headers import rate_limit_headers
from gateway_app.refusals import HttpsRequired, RouteNotFound
from shared.config import Settings
from shared.logs import cut
from shared.net import is_trusted

BODY_MOST_BYTES = 16 * 1024
CLIENT_REQUEST_ID = re.compile(r"[!-~]{1,100}")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"
NO_HTTPS_NEEDED = frozenset({"/healthz", "/readyz"})  # asked by the machine next to us


def register(app: Flask, settings: Settings) -> None:
    """Hang the edge around every request of ``app``."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_MOST_BYTES + 1  # where reading stops; a body that gets there is too large
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.before_request(_arrive)
    app.after_request(_leave)
    if settings.is_production:
        app.before_request(_ensure_https)
        app.before_request(_ensure_host)
    app.before_request(_ensure_path)


def new_request_id() -> str:
    """Return a fresh id under which one request is found in answers, logs and audit."""
    return f"req_{secrets.token_hex(12)}"


def _arrive() -> None:
    g.started = time.perf_counter()
    g.request_id = new_request_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    theirs = cut(request.headers.get("X-Request-Id", ""))
    if CLIENT_REQUEST_ID.fullmatch(theirs):
        g.client_request_id = theirs
        structlog.contextvars.bind_contextvars(client_request_id=theirs)


def _ensure_path() -> None:
    """Refuse a path with two slashes in front, which Werkzeug would take for the one with one."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise RouteNotFound


def _ensure_https() -> None:
    """Refuse plain HTTP in production; what a trusted proxy says of the scheme counts, a stranger's word does not."""
    settings: Settings = current_app.extensions["settings"]
    scheme = request.scheme
    if is_trusted(request.remote_addr or "", settings.trusted_proxies):
        scheme = request.headers.get("X-Forwarded-Proto", "http").rpartition(",")[2].strip()
    if scheme != "https" and request.path not in NO_HTTPS_NEEDED:
        raise HttpsRequired


def _ensure_host() -> None:
    """Answer a call that means another host as if nothing were here; the machine next to us asks by address."""
    settings: Settings = current_app.extensions["settings"]
    own = urlsplit(settings.gateway_url).netloc.lower().removesuffix(":443")
    if request.host.lower().removesuffix(":443") != own and request.path not in NO_HTTPS_NEEDED:
        raise RouteNotFound


def _leave(response: Response) -> Response:
    for header in HEADERS.items():
        response.headers.setdefault(*header)  # the pages of the reference bring a policy of their own
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if "visitor" in g and "decision" not in g:  # refused at rung 4 or 5, and authenticated (GATEWAY 7)
        ladder.show_calls(g.visitor)
    if "decision" in g:
        response.headers.update(rate_limit_headers(g.decision))
    if current_app.extensions["settings"].is_production:
        response.headers["Strict-Transport-Security"] = HSTS
    return response
