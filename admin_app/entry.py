"""Coming in: the token of a session goes into the cookie, or half of a sign-in until the code of the second factor."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from flask import current_app, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from admin_app import preferences
from admin_app.forms.base import uuid_of
from admin_app.paths import local_path
from admin_app.visit import actor_of
from shared import clock
from shared.models import Staff
from shared.services import second_factor, sessions

HALF_SECONDS = 600


@dataclass(frozen=True)
class Half:
    """Whose password was right, and which password that was."""

    staff_id: uuid.UUID
    password: str


@dataclass(frozen=True)
class Admission:
    """What a right password gives: a session, or half of a sign-in when a code is still owed."""

    token: str = ""
    half: str = ""


def admit(person: Staff) -> Admission:
    """Open a session for somebody whose password was right, unless a code is owed; runs inside a transaction.

    Raises:
        SignInRefused: the person was disabled meanwhile.

    """
    if second_factor.is_enabled(staff_id=person.id):
        return Admission(half=str(_signer().dumps([str(person.id), mark_of(person)])))
    return Admission(token=open_session(person))


def open_session(person: Staff) -> str:
    """Open a session for somebody who has shown all that is asked; runs inside a transaction."""
    return sessions.open_session(
        person=person, at=clock.now(), by=actor_of(person.id), user_agent=request.user_agent.string
    )


def enter(admission: Admission, path: str) -> Response:
    """Put what was given into a cookie that holds nothing of the one before, so that none can be planted."""
    forget()
    if not admission.token:
        session["half"] = admission.half
        return redirect(url_for("second_step.show_code", next=path), 303)
    session["token"] = admission.token
    session.permanent = True
    return redirect(path, 303)


def forget() -> None:
    """Empty the cookie but for the theme of the browser."""
    kept = preferences.kept()
    session.clear()
    session.update(kept)


def find_half() -> Half | None:
    """Return whose code is awaited, or None: nobody's, or for longer than ten minutes."""
    try:
        found = _signer().loads(str(session.get("half", "")), max_age=HALF_SECONDS)
    except BadSignature:
        return None
    staff_id = uuid_of(found[0])
    return Half(staff_id, found[1]) if staff_id else None


def mark_of(person: Staff) -> str:
    """Return a mark of the person's password, so that a changed one ends what the old one began."""
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


def destination(wanted: str | None) -> str:
    """Return a page of ours to go on to."""
    return local_path(wanted, url_for("home.index_view"))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="half-signed-in")
