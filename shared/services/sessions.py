"""Sessions of staff: begun at sign-in, listed, and ended one by one or all at once (SPEC S-3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shared.crypto import hash_token, new_token
from shared.db import db
from shared.errors import NotFound, SignInRefused
from shared.models import Staff, StaffSession
from shared.models.staff import USER_AGENT_MOST
from shared.services import audit
from shared.services.audit import Actor

SESSION_IDLE = timedelta(hours=8)
SESSION_LIFE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)


def open_session(*, person: Staff, at: datetime, by: Actor, user_agent: str = "") -> str:
    """Begin a session and return its token. Raises SignInRefused when the person was disabled meanwhile."""
    if person.disabled_at:
        raise SignInRefused
    _sweep(person.id, at)
    token = new_token()
    db.session.add(
        StaffSession(
            token_hash=hash_token(token),
            staff_id=person.id,
            created_at=at,
            seen_at=at,
            address=by.address,
            user_agent=user_agent[:USER_AGENT_MOST].replace("\x00", ""),
        )
    )
    audit.record(action="staff.signed_in", subject=f"staff:{person.id}", by=by)
    return token


def note_failure(*, staff_id: uuid.UUID, by: Actor) -> None:
    """Record that somebody tried to sign in as a person and was refused; limits on guessing bound how often."""
    audit.record(action="staff.sign_in_failed", subject=f"staff:{staff_id}", by=by)


def find_session(*, token: str, at: datetime) -> StaffSession | None:
    """Return the session of ``token`` while it is neither idle nor old nor of a disabled person, else None."""
    session = db.session.get(StaffSession, hash_token(token))
    if session is None or session.staff.disabled_at:
        return None
    if session.seen_at < at - SESSION_IDLE or session.created_at < at - SESSION_LIFE:
        return None
    return session


def end_session(*, token: str, by: Actor) -> None:
    """End the session of ``token`` now."""
    db.session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == hash_token(token)))
    audit.record(action="staff.signed_out", subject=by.name, by=by)


def touch_session(*, session: StaffSession, at: datetime) -> bool:
    """Note that the session is in use; tell whether anything was written (at most once a minute)."""
    if session.seen_at > at - SEEN_EVERY:
        return False
    session.seen_at = at
    return True


def list_of(*, staff_id: uuid.UUID, at: datetime) -> Sequence[StaffSession]:
    """Return the sessions of a person that are still good, the one used last first."""
    return db.session.scalars(
        sa.select(StaffSession)
        .where(StaffSession.staff_id == staff_id, is_good(at))
        .order_by(StaffSession.seen_at.desc(), StaffSession.id)
    ).all()


def end_one(*, staff_id: uuid.UUID, session_id: uuid.UUID, by: Actor) -> None:
    """End one session of a person. Raises NotFound when they have none of that id."""
    if not _end(staff_id, StaffSession.id == session_id, by):
        raise NotFound("No such session")


def end_others(*, staff_id: uuid.UUID, keep_token: str, by: Actor) -> int:
    """End every session of a person but the one of ``keep_token``; return how many ended."""
    return _end(staff_id, StaffSession.token_hash != hash_token(keep_token), by)


def end_all(*, staff_id: uuid.UUID, by: Actor) -> int:
    """End every session of a person; return how many ended."""
    return _end(staff_id, sa.true(), by)


def _end(staff_id: uuid.UUID, which: sa.ColumnElement[bool], by: Actor) -> int:
    gone: Sequence[Any] = db.session.execute(
        sa.delete(StaffSession).where(StaffSession.staff_id == staff_id, which).returning(StaffSession.id)
    ).all()
    if gone:
        audit.record(action="staff.sessions_ended", subject=f"staff:{staff_id}", by=by, changes={"sessions": len(gone)})
    return len(gone)


def is_good(at: datetime) -> sa.ColumnElement[bool]:
    """Return which sessions are neither idle nor old."""
    return sa.and_(StaffSession.seen_at >= at - SESSION_IDLE, StaffSession.created_at >= at - SESSION_LIFE)


def _sweep(staff_id: uuid.UUID, at: datetime) -> None:
    """Forget what has run out, so that the table holds what can be used and no more."""
    db.session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == staff_id, sa.not_(is_good(at))))
