"""Staff: invitations by one-time link, and where each person works (SPEC S-3)."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from shared.crypto import hash_token, new_token
from shared.db import db
from shared.errors import InvalidInput, LinkSpent, NotFound, StaffDisabled
from shared.models import OneTimeLink, Staff, StaffSession
from shared.models.staff import ROLES
from shared.services import audit, staff_roles
from shared.services.audit import Actor

LINK_LIFE = timedelta(days=3)
EMAIL = re.compile(r"[^\s@<>,;\"\x00]{1,64}@[^\s@<>,;\"\x00]{1,189}")


def add(*, email: str, role: str, by: Actor, at: datetime) -> tuple[uuid.UUID, str]:
    """Make a new person known with ``role`` and return their id and the token of a one-time link.

    Raises:
        InvalidInput: the e-mail or role cannot be used, or somebody has that e-mail.

    """
    staff_id = _insert(email, role)
    if staff_id is None:
        raise InvalidInput(
            email="Somebody has this e-mail already. Open their page to change the role or to make a new link."
        )
    audit.record(action="staff.invited", subject=f"staff:{staff_id}", by=by, changes={"role": [role, role]})
    return staff_id, _new_link(staff_id, at)


def invite(*, email: str, role: str, by: Actor, at: datetime) -> str:
    """Make the person known if new, give them ``role`` and return the token of a one-time link.

    Raises:
        InvalidInput: the e-mail or role cannot be used.
        LastSuperAdmin: the person is the last one and would lose the role.
        StaffDisabled: the person is known and disabled.

    """
    staff_id, before = _insert(email, role), role
    if staff_id is None:
        known = db.session.execute(sa.select(Staff.id).where(_has_email(email))).scalar_one()
        before = staff_roles.assign(staff_id=known, role=role)
        _ensure_not_disabled(known)
        staff_id = known
    audit.record(action="staff.invited", subject=f"staff:{staff_id}", by=by, changes={"role": [before, role]})
    return _new_link(staff_id, at)


def renew_link(*, staff_id: uuid.UUID, by: Actor, at: datetime) -> str:
    """Return the token of a fresh one-time link; those the person had before are good no more.

    Raises:
        NotFound: there is no such person.
        StaffDisabled: a link would not let them in.

    """
    _ensure_not_disabled(staff_id)
    audit.record(action="staff.link_made", subject=f"staff:{staff_id}", by=by)
    return _new_link(staff_id, at)


def find_by_email(*, email: str) -> Staff | None:
    """Return the person with that e-mail in any case, or None."""
    return db.session.scalar(sa.select(Staff).where(_has_email(email)))


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
    owner = sa.select(OneTimeLink.staff_id).where(OneTimeLink.token_hash == hash_token(token)).scalar_subquery()
    # The person before the link, as whoever disables them does: the two wait for each other in one order.
    person = db.session.scalar(sa.select(Staff).where(Staff.id == owner).with_for_update(key_share=True))
    spent = db.session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_token(token), OneTimeLink.used_at.is_(None), OneTimeLink.ends_at > at)
        .values(used_at=at)
        .returning(OneTimeLink.staff_id)
    ).scalar()
    if spent is None or person is None or person.disabled_at:
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


def _insert(email: str, role: str) -> uuid.UUID | None:
    """Add a person and return the id, or None when the e-mail is taken, also by somebody added at this moment."""
    if not EMAIL.fullmatch(email) or not email.isprintable():
        raise InvalidInput(email="Write one e-mail address.")
    if role not in ROLES:
        raise InvalidInput(role=f"Choose one of: {', '.join(ROLES)}.")
    row = {"id": uuid7(), "email": email, "role": role, "environment_id": 1}
    return db.session.execute(insert(Staff).values(row).on_conflict_do_nothing().returning(Staff.id)).scalar()


def _has_email(email: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(Staff.email) == email.lower()


def _ensure_not_disabled(staff_id: uuid.UUID) -> None:
    """Refuse a link for somebody disabled; the row stays locked, so that of two new links one remains."""
    person = db.session.get(Staff, staff_id, with_for_update={"key_share": True}, populate_existing=True)
    if person is None:
        raise NotFound("Nobody of that id")
    if person.disabled_at is not None:
        raise StaffDisabled


def _new_link(staff_id: uuid.UUID, at: datetime) -> str:
    token = new_token()
    db.session.execute(sa.update(OneTimeLink).filter_by(staff_id=staff_id, used_at=None).values(used_at=at))
    db.session.add(OneTimeLink(token_hash=hash_token(token), staff_id=staff_id, ends_at=at + LINK_LIFE))
    return token
