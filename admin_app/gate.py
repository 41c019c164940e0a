"""The gate in front of every view: who is there, may they, and is the form ours, in this order."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from admin_app.edge import ensure_own_form
from admin_app.paths import full_path
from admin_app.permissions import OPEN_ROUTES, Permission, permission_of
from admin_app.refusals import NotAllowed, SignInNeeded
from admin_app.visit import Place, Visitor, actor, find_visitor
from shared import clock
from shared.db import db
from shared.models import Environment
from shared.services import audit, sessions
from shared.transaction import transaction

LONGEST_PATH = 200


def register(app: Flask) -> None:
    """Put the gate before every view of ``app``, whatever registers it."""
    app.before_request(_recognize)
    app.before_request(_ensure_allowed)
    app.before_request(_ensure_own_form)


def _recognize() -> None:
    """Read once who is signed in; the transaction is over before anything else begins."""
    token = session.get("token")
    if request.endpoint == "static" or not isinstance(token, str):
        return
    at = clock.now()
    with transaction():
        found = sessions.find_session(token=token, at=at)
        if found is None:
            return
        sessions.touch_session(session=found, at=at)
        person = found.staff
        environments = db.session.scalars(sa.select(Environment).order_by(Environment.id))
        g.visitor = Visitor(
            id=person.id,
            email=person.email,
            role=person.role,
            environment_id=person.environment_id,
            places=[Place(row.id, row.name, row.tag == "live") for row in environments],
            theme=person.theme,
            density=person.density,
            time_zone=person.time_zone,
            hotkeys=person.hotkeys,
        )
    g.time_zone = _zone(g.visitor.time_zone)


def _zone(name: str) -> tzinfo:
    """Return the zone of that name, or UTC when this machine's zones no longer have it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _ensure_allowed() -> Response | None:
    """Let through what is open or allowed; an unknown address goes on to its 404."""
    if request.endpoint is None or request.endpoint in OPEN_ROUTES:
        return None
    person = find_visitor()
    if person is None:
        if request.method not in {"GET", "HEAD"}:
            raise SignInNeeded
        # A fragment asked for by a script gets the same redirect: the page sees that its part is missing and follows.
        return redirect(url_for("auth.show_sign_in", next=full_path()))
    permission = permission_of(current_app.view_functions.get(request.endpoint))
    if not person.may(permission):
        _note_denial(permission)
        raise NotAllowed(action=permission.value if permission else "use this page")
    return None


def _note_denial(permission: Permission | None) -> None:
    """Keep the refusal in a transaction of its own; the refused request has none (SCHEMA 8)."""
    with transaction():
        audit.record(
            action="permission.denied",
            subject=f"route:{request.endpoint}",
            by=actor(),
            environment_id=g.visitor.environment_id,
            changes={
                "method": request.method,
                "path": request.path[:LONGEST_PATH].replace("\x00", ""),
                "permission": permission.name if permission else None,
            },
        )


def _ensure_own_form() -> None:
    if request.endpoint is not None:
        ensure_own_form()
