"""What holds for every request before and after its view: HTTPS, one request id, closed headers, our own forms only."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from admin_app.refusals import ForeignForm, HttpsRequired, RouteNotFound, UnreadableRequest
from shared.config import Settings
from shared.net import Address, ClientAddressError, client_address, is_trusted
from shared.services.sessions import SESSION_LIFE

BODY_MOST_BYTES = 1024 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# `none` is a person's own doing: a reload, an address typed in.
OWN_FETCH_SITES = frozenset({"same-origin", "none"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
NO_HTTPS_NEEDED = frozenset({"/healthz", "/readyz"})  # asked by the machine next to us


def register(app: Flask, settings: Settings) -> None:
    """Hang the edge around every request of ``app`` and close its cookie."""
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_MOST_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SECRET_KEY=settings.session_secret,
        # The prefix makes browsers insist on Secure, on the path / and on this very host (RFC 6265bis, 4.1.3.2).
        SESSION_COOKIE_NAME="__Host-allotment" if settings.is_production else "allotment",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
    )
    app.url_map.strict_slashes = False  # /admin/contracts and /admin/contracts/ are the same page
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.before_request(_arrive)
    app.before_request(_ensure_path)
    app.after_request(_leave)
    if settings.is_production:
        app.before_request(_ensure_https)
        app.before_request(_ensure_host)


def caller_address() -> Address | None:
    """Return the address the request came from, or None when a trusted proxy does not say."""
    settings: Settings = current_app.extensions["settings"]
    try:
        return client_address(
            request.remote_addr or "", request.headers.getlist("X-Forwarded-For"), settings.trusted_proxies
        )
    except ClientAddressError:
        return None


def ensure_own_form() -> None:
    """Refuse a change that another site asked for, or one without the token of this browser's session.

    Raises:
        UnreadableRequest: the body cannot be read to its end.
        ForeignForm: by ``Sec-Fetch-Site``, ``Origin`` or the CSRF token; a missing header leaves it to the token.

    """
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_FETCH_SITES:
        raise ForeignForm
    own_origin = f"{_scheme()}://{request.host}"
    if request.headers.get("Origin", own_origin) != own_origin:
        raise ForeignForm
    try:
        current_app.extensions["csrf"].protect()
    except (ParseException, OSError) as error:  # the server reads the chunks only now
        raise UnreadableRequest from error
    except HTTPException as error:
        if error.code != 400:  # noqa: PLR2004 - what the token check raises; a body too large stays what it is
            raise
        raise ForeignForm from error


def new_request_id() -> str:
    """Return a fresh id under which one request is found in answers, logs and audit."""
    return f"req_{secrets.token_hex(12)}"


def _arrive() -> None:
    g.request_id = new_request_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _ensure_path() -> None:
    """Refuse a path with two slashes in front, which Werkzeug would take for the one with one."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise RouteNotFound


def _ensure_host() -> None:
    """Answer a call that means another host as if nothing were here; the machine next to us asks by address."""
    settings: Settings = current_app.extensions["settings"]
    own = urlsplit(settings.admin_url).netloc.lower().removesuffix(":443")
    if request.host.lower().removesuffix(":443") != own and request.path not in NO_HTTPS_NEEDED:
        raise RouteNotFound


def _ensure_https() -> None:
    if _scheme() != "https" and request.path not in NO_HTTPS_NEEDED:
        raise HttpsRequired


def _scheme() -> str:
    """Return the scheme the browser used; what a trusted proxy says of it counts, a stranger's word does not."""
    settings: Settings = current_app.extensions["settings"]
    if is_trusted(request.remote_addr or "", settings.trusted_proxies):
        return request.headers.get("X-Forwarded-Proto", "http").rpartition(",")[2].strip()
    return request.scheme


def _leave(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    if current_app.extensions["settings"].is_production:
        response.headers["Strict-Transport-Security"] = HSTS
    return response
