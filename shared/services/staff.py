"""Staff: invitations by one-time link, and where each person works (SPEC S-3)."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.crypto import hash_token, new_token
from shared.db import db
from shared.errors import InvalidInput, LinkSpent
from shared.models import OneTimeLink, Staff, StaffSession
from shared.models.staff import ROLES
from shared.services import audit
from shared.services.audit import Actor

LINK_LIFE = timedelta(days=3)
EMAIL = re.compile(r"[^\s@<>,;\"\x00]{1,64}@[^\s@<>,;\"\x00]{1,189}")


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


def choose_environment(*, staff_id: uuid.UUID, environment_id: int) -> None:
    """Let a person work in that environment from the next request on (SPEC S-4)."""
    db.session.execute(sa.update(Staff).filter_by(id=staff_id).values(environment_id=environment_id))


def _new_link(person: Staff, at: datetime) -> str:
    token = new_token()
    db.session.add(OneTimeLink(token_hash=hash_token(token), staff_id=person.id, ends_at=at + LINK_LIFE))
    return token
