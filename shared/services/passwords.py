"""Passwords: what one must be, the argon2id hash that is stored, and the check that tells nobody who exists."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.crypto import new_token
from shared.db import db
from shared.errors import InvalidInput
from shared.models import OneTimeLink, Staff
from shared.services import audit, sessions
from shared.services.audit import Actor

PASSWORD_LEAST = 12
PASSWORD_MOST = 200

_hasher = PasswordHasher()
# Verified when nobody has the e-mail, so that unknown and known take the same time.
_NOBODY = _hasher.hash(new_token())


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


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether ``password`` belongs to ``stored``; takes the same time when there is none."""
    try:
        _hasher.verify(stored or _NOBODY, password[: PASSWORD_MOST + 1].encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def change(*, staff_id: uuid.UUID, password_hash: str, keep_token: str, by: Actor, at: datetime) -> None:
    """Set a new password, end every other session of the person and use up the links that wait for them."""
    db.session.execute(sa.update(Staff).filter_by(id=staff_id).values(password_hash=password_hash))
    db.session.execute(sa.update(OneTimeLink).filter_by(staff_id=staff_id, used_at=None).values(used_at=at))
    audit.record(action="staff.password_changed", subject=f"staff:{staff_id}", by=by)
    sessions.end_others(staff_id=staff_id, keep_token=keep_token, by=by)
