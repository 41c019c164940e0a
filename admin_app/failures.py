"""Refusals and faults as pages: one table from class to status, one template, the same sentence as everywhere."""

from __future__ import annotations

import structlog
from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from admin_app import refusals
from admin_app.views.page import Link
from admin_app.visit import find_visitor
from shared import errors
from shared.errors import DomainError

log = structlog.get_logger()

Page = tuple[str, int, dict[str, str]]

STATUS: dict[type[DomainError], int] = {
    refusals.UnreadableRequest: 400,
    refusals.SignInNeeded: 401,
    errors.SignInRefused: 401,
    refusals.HttpsRequired: 403,
    refusals.NotAllowed: 403,
    refusals.ForeignForm: 403,
    refusals.RouteNotFound: 404,
    errors.NotFound: 404,
    refusals.MethodNotAllowed: 405,
    errors.Deleted: 410,
    errors.LinkSpent: 410,
    errors.LicensesPurged: 410,
    refusals.FormTooLarge: 413,
    errors.InvalidInput: 422,
    errors.Immutable: 422,
    errors.CountOutOfRange: 422,
    refusals.TooManyTries: 429,
    refusals.InternalError: 500,
    errors.Busy: 503,
}
# Everything else is a conflict with how things stand: the quota, a state, another person's change.
CONFLICT = 409
BUSY_SECONDS = 5  # a database that restarts is back by then
_FROM_HTTP: dict[int, type[DomainError]] = {
    404: refusals.RouteNotFound,
    405: refusals.MethodNotAllowed,
    413: refusals.FormTooLarge,
}


def register(app: Flask) -> None:
    """Answer every refusal and every fault of ``app`` with the same quiet page."""
    app.register_error_handler(DomainError, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_fault)


def status_of(refusal: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(type(refusal), CONFLICT)


def render(refusal: DomainError) -> Page:
    """Return the page of a refusal: status, sentence, request id and a way back; never a trace or SQL."""
    status = status_of(refusal)
    page = render_template(
        "error.html",
        status_code=status,
        page_title=refusal.title,
        sentence=str(refusal),
        request_id=g.get("request_id", ""),
        back=_way_back(),
    )
    wait = refusal.members.get("retry_after") or (BUSY_SECONDS if isinstance(refusal, errors.Busy) else None)
    return page, status, {"Retry-After": str(wait)} if wait else {}


def _way_back() -> Link:
    if find_visitor() is None:
        return Link(label="Sign in", url=url_for("auth.show_sign_in"))
    return Link(label="Back to Home", url=url_for("home.index_view"))


def _render_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:  # noqa: PLR2004 - a redirect of the router
        return error.get_response()
    if error.code is None or error.code >= 500:  # noqa: PLR2004
        return _render_fault(error)
    page, status, headers = render(_FROM_HTTP.get(error.code, refusals.UnreadableRequest)())
    allow = dict(error.get_headers()).get("Allow")
    return page, status, {**headers, "Allow": allow} if allow else headers


def _render_fault(error: Exception) -> Page:
    """Log an unexpected error once, with what helps and nothing that was sent."""
    log.error("office.fault", endpoint=request.endpoint, exc_info=error)
    return render(refusals.InternalError())
