"""Roles of staff and who may come in, changed so that a super admin always stays (SPEC S-1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from shared.db import db
from shared.errors import InvalidInput, LastSuperAdmin, NotFound, OwnAccount
from shared.models import OneTimeLink, Staff, StaffSession
from shared.models.staff import ROLES
from shared.services import audit
from shared.services.audit import Actor

CHIEF = "super_admin"


def get(*, staff_id: uuid.UUID) -> Staff:
    """Return a person of staff. Raises NotFound."""
    person = db.session.get(Staff, staff_id)
    if person is None:
        raise NotFound("Nobody of that id")
    return person


def change_role(*, staff_id: uuid.UUID, role: str, by: Actor) -> Staff:
    """Give a person another role; it holds from their next request on.

    Raises:
        InvalidInput: there is no such role.
        LastSuperAdmin: nobody else could manage staff afterwards.
        NotFound: there is no such person.

    """
    before = assign(staff_id=staff_id, role=role)
    if before != role:
        audit.record(action="staff.role_changed", subject=f"staff:{staff_id}", by=by, changes={"role": [before, role]})
    return get(staff_id=staff_id)


def assign(*, staff_id: uuid.UUID, role: str) -> str:
    """Set the role and return the one before; the caller records it. Raises as `change_role` does."""
    if role not in ROLES:
        raise InvalidInput(role=f"Choose one of: {', '.join(ROLES)}.")
    person, chiefs = _lock(staff_id)
    if role != CHIEF:
        _ensure_another(person, chiefs)
    before, person.role = person.role, role
    return before


def disable(*, staff_id: uuid.UUID, by: Actor, at: datetime) -> Staff:
    """Shut a person out from their next request on: sessions and links end for good, not only until enabled again.

    Raises:
        LastSuperAdmin: nobody else could manage staff afterwards.
        NotFound: there is no such person.
        OwnAccount: it is the one who asks.

    """
    if by.name == f"staff:{staff_id}":
        raise OwnAccount
    person, chiefs = _lock(staff_id)
    _ensure_another(person, chiefs)
    if person.disabled_at is None:
        person.disabled_at = at
        ended = _end_ways_in(person, at)
        audit.record(action="staff.disabled", subject=f"staff:{staff_id}", by=by, changes={"sessions_ended": ended})
    return person


def enable(*, staff_id: uuid.UUID, by: Actor, at: datetime) -> Staff:
    """Let a disabled person sign in again, with the password and role they had. Raises NotFound."""
    person, _ = _lock(staff_id)
    if person.disabled_at is not None:
        _end_ways_in(person, at)  # a sign-in that raced with the disabling may have left a session
        person.disabled_at = None
        audit.record(action="staff.enabled", subject=f"staff:{staff_id}", by=by)
    return person


def is_last_super_admin(*, staff_id: uuid.UUID) -> bool:
    """Tell whether a person is the only super admin who can sign in; a page asks, the changes ask again under lock."""
    chiefs = db.session.scalars(sa.select(Staff).where(Staff.role == CHIEF)).all()
    return {person.id for person in chiefs if _is_active_chief(person)} == {staff_id}


def _lock(staff_id: uuid.UUID) -> tuple[Staff, Sequence[Staff]]:
    """Lock a person and every super admin in the order of their ids, so that two changes never wait for each other.

    A super admin who lost the role while we waited is no longer among them. The lock is the weaker one that lets a
    session be opened meanwhile: it shares the key of the person only.
    """
    people = db.session.scalars(
        sa.select(Staff)
        .where(sa.or_(Staff.id == staff_id, Staff.role == CHIEF))
        .order_by(Staff.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    person = next((person for person in people if person.id == staff_id), None)
    if person is None:
        raise NotFound("Nobody of that id")
    return person, people


def _ensure_another(person: Staff, chiefs: Sequence[Staff]) -> None:
    if _is_active_chief(person) and not any(_is_active_chief(other) for other in chiefs if other.id != person.id):
        raise LastSuperAdmin


def _is_active_chief(person: Staff) -> bool:
    """Tell whether somebody could manage staff today: one who was only invited may never come."""
    return person.role == CHIEF and person.state == "active"


def _end_ways_in(person: Staff, at: datetime) -> int:
    """End every session and unused link; return how many sessions there were."""
    db.session.execute(sa.update(OneTimeLink).filter_by(staff_id=person.id, used_at=None).values(used_at=at))
    ended = db.session.execute(
        sa.delete(StaffSession).where(StaffSession.staff_id == person.id).returning(StaffSession.token_hash)
    )
    return len(ended.all())
