"""Refusals as RFC 9457 problem details: one table from class to status, one place that renders."""

from __future__ import annotations

import json
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from gateway_app import refusals
from gateway_app.here import host_url
from shared import errors
from shared.errors import DomainError
from shared.logs import cut

log = structlog.get_logger()

STATUS: dict[type[DomainError], int] = {
    refusals.HttpsRequired: 403,
    refusals.RouteNotFound: 404,
    refusals.MethodNotAllowed: 405,
    refusals.UnsupportedMediaType: 415,
    refusals.BodyTooLarge: 413,
    errors.TooManyAttempts: 429,
    errors.InvalidKey: 401,
    errors.KeyNotForContract: 403,
    errors.ApiAccessDisabled: 403,
    errors.AddressNotAllowed: 403,
    errors.RateLimited: 429,
    refusals.MalformedRequest: 400,
    refusals.InvalidParameter: 422,
    errors.ContractInactive: 403,
    errors.IdempotencyInProgress: 409,
    errors.IdempotencyKeyReused: 422,
    errors.LicensesPurged: 410,
    errors.ContractExpired: 403,
    errors.ProductInactive: 409,
    errors.GeneratorUnavailable: 409,
    errors.KeySpaceTooSmall: 409,
    errors.KeysCollided: 409,
    errors.QuotaExceeded: 403,
    errors.TestLimitReached: 403,
    errors.CountOutOfRange: 422,
    errors.Busy: 503,
    refusals.InternalError: 500,
}
RETRY_AFTER_SECONDS: dict[type[DomainError], int] = {errors.IdempotencyInProgress: 1, errors.Busy: 2}
_FROM_HTTP: dict[int, type[DomainError]] = {
    404: refusals.RouteNotFound,
    405: refusals.MethodNotAllowed,
    413: refusals.BodyTooLarge,
    415: refusals.UnsupportedMediaType,
}


def register(app: Flask) -> None:
    """Answer every refusal and every fault of ``app`` as a problem document."""
    app.register_error_handler(DomainError, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_fault)


def render(error: DomainError) -> Response:
    """Return ``error`` as ``application/problem+json``; never a stack, SQL or the body (GATEWAY 5)."""
    status = STATUS[type(error)]
    g.code = error.code  # for the log of calls
    document = {
        "type": f"{host_url()}docs/errors#{error.code}",
        "title": error.title,
        "status": status,
        "detail": str(error),
        "instance": quote(cut(request.path)),
        "code": error.code,
        "request_id": g.get("request_id"),
        "success": False,
        **error.members,
    }
    response = Response(json.dumps(document), status, content_type="application/problem+json")
    wait = error.members.get("retry_after") or RETRY_AFTER_SECONDS.get(type(error))
    if wait:
        response.headers["Retry-After"] = str(wait)
    if status == 401:  # noqa: PLR2004 - RFC 9110, 11.6.1
        response.headers["WWW-Authenticate"] = 'Bearer realm="allotment"'
    return response


def _render_http(error: HTTPException) -> Response:
    known = _FROM_HTTP.get(error.code or 500)
    response = render(known() if known else refusals.MalformedRequest(detail="The request cannot be read."))
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _render_fault(error: Exception) -> Response:
    """Log an unexpected error once, with what helps and nothing that was sent."""
    log.error("gateway.fault", path=request.path, exc_info=error)
    return render(refusals.InternalError())
