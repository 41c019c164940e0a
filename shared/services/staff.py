"""Staff: invitations by one-time link, passwords, sessions (SPEC S-3)."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from uuid_utils.compat import uuid7

from shared.crypto import hash_token, new_token
from shared.db import db
from shared.errors import InvalidInput, LinkSpent, SignInRefused
from shared.models import OneTimeLink, Staff, StaffSession
from shared.models.staff import ROLES
from shared.services import audit
from shared.services.audit import Actor

LINK_LIFE = timedelta(days=3)
PASSWORD_LEAST = 12
PASSWORD_MOST = 200
SESSION_IDLE = timedelta(hours=8)
SESSION_LIFE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
EMAIL = re.compile(r"[^\s@<>,;\"\x00]{1,64}@[^\s@<>,;\"\x00]{1,189}")

_hasher = PasswordHasher()
# Verified when nobody has the e-mail, so that unknown and known take the same time.
_NOBODY = _hasher.hash(new_token())


def invite(*, email: str, role: str, by: Actor, at: datetime) -> str:
    """Make the person known if new, give them ``role`` and return the token of a one-time link.

    Raises:
        InvalidInput: the e-mail or role cannot be used.

    """
    if not EMAIL.fullmatch(email):
        raise InvalidInput(email="Write one e-mail address.")
    if role not in ROLES:
        raise InvalidInput(role=f"Choose one of: {', '.join(ROLES)}.")
    person = find_by_email(email=email)
    if person is None:
        person = Staff(id=uuid7(), email=email, role=role, environment_id=1)
        db.session.add(person)
        db.session.flush()
    before, person.role = person.role, role
    audit.record(action="staff.invited", subject=f"staff:{person.id}", by=by, changes={"role": [before, role]})
    return _new_link(person, at)


def find_by_email(*, email: str) -> Staff | None:
    """Return the person with that e-mail in any case, or None."""
    return db.session.scalar(sa.select(Staff).where(sa.func.lower(Staff.email) == email.lower()))


def find_link(*, token: str, at: datetime) -> Staff | None:
    """Return whom a one-time link is for while it is good, else None; looking spends nothing."""
    link = db.session.get(OneTimeLink, hash_token(token))
    if link is None or link.used_at is not None or link.ends_at <= at:
        return None
    person = db.session.get_one(Staff, link.staff_id)
    return None if person.disabled_at else person


def hash_password(password: str) -> str:
    """Return the argon2id hash to store; slow on purpose, so no transaction may be open (RFC 9106).

    Raises:
        InvalidInput: it is shorter than 12 or longer than 200 characters.

    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise InvalidInput(
            password=f"Use {PASSWORD_LEAST} to {PASSWORD_MOST} characters; a few words make a good password."
        )
    return _hasher.hash(password.encode(errors="surrogatepass"))


def spend_link(
    *, token: str, password_hash: str, at: datetime, by_address: str | None, request_id: str | None
) -> Staff:
    """Use up a one-time link: set the password and end every session and every other link the person had.

    Raises:
        LinkSpent: it was used, has run out or never was.

    """
    spent = db.session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_token(token), OneTimeLink.used_at.is_(None), OneTimeLink.ends_at > at)
        .values(used_at=at)
        .returning(OneTimeLink.staff_id)
    ).scalar()
    person = db.session.get(Staff, spent) if spent else None
    if person is None or person.disabled_at:
        raise LinkSpent
    person.password_hash = password_hash
    db.session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == person.id))
    db.session.execute(sa.update(OneTimeLink).filter_by(staff_id=person.id, used_at=None).values(used_at=at))
    by = Actor(name=f"staff:{person.id}", address=by_address, request_id=request_id)
    audit.record(action="staff.password_set", subject=f"staff:{person.id}", by=by)
    return person


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether ``password`` belongs to ``stored``; takes the same time when there is none."""
    try:
        _hasher.verify(stored or _NOBODY, password[: PASSWORD_MOST + 1].encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def open_session(*, person: Staff, at: datetime, by: Actor) -> str:
    """Begin a session and return its token. Raises SignInRefused when the person was disabled meanwhile."""
    if person.disabled_at:
        raise SignInRefused
    token = new_token()
    db.session.add(
        StaffSession(token_hash=hash_token(token), staff_id=person.id, created_at=at, seen_at=at, address=by.address)
    )
    audit.record(action="staff.signed_in", subject=f"staff:{person.id}", by=by)
    return token


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


def choose_environment(*, staff_id: uuid.UUID, environment_id: int) -> None:
    """Let a person work in that environment from the next request on (SPEC S-4)."""
    db.session.execute(sa.update(Staff).filter_by(id=staff_id).values(environment_id=environment_id))


def _new_link(person: Staff, at: datetime) -> str:
    token = new_token()
    db.session.add(OneTimeLink(token_hash=hash_token(token), staff_id=person.id, ends_at=at + LINK_LIFE))
    return token
