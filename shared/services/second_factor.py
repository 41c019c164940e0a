"""The second factor: a time-based code (RFC 6238) from a person's own device, and recovery codes (SPEC S-3)."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from shared.crypto import Sealed, SecretBox, UnreadableSecretError, hash_token, is_same
from shared.db import db
from shared.errors import InvalidInput, NotFound
from shared.models import RecoveryCode, SecondFactor, Staff
from shared.services import audit
from shared.services.audit import Actor

STEP_SECONDS = 30
RECOVERY_CODES = 10
# 31 symbols that are not taken for one another; sixteen of them are 79 bits, beyond guessing even from the hash.
SYMBOLS = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_SYMBOLS = 4, 4
ISSUER = "Allotment"
WRONG = "This code is wrong, used already or too old. Wait for the next one and type that."


def is_enabled(*, staff_id: uuid.UUID) -> bool:
    """Tell whether a person signs in with a second factor."""
    row = db.session.get(SecondFactor, staff_id)
    return row is not None and row.enabled_at is not None


def begin(*, staff_id: uuid.UUID, box: SecretBox) -> str:
    """Set a fresh secret aside and return its ``otpauth`` address; nothing counts until it is enabled.

    Raises:
        InvalidInput: a second factor is on already.

    """
    secret = pyotp.random_base32()
    sealed = box.seal(secret, row_id=str(staff_id))
    values = {"ring_id": sealed.ring_id, "ciphertext": sealed.ciphertext, "last_step": None}
    begun = db.session.execute(
        insert(SecondFactor)
        .values(staff_id=staff_id, **values)
        .on_conflict_do_update(index_elements=["staff_id"], set_=values, where=SecondFactor.enabled_at.is_(None))
        .returning(SecondFactor.staff_id)
    )
    if begun.first() is None:
        raise InvalidInput(code="A second factor is on already. Turn it off before you set up another.")
    return _address(staff_id, secret)


def pending_address(*, staff_id: uuid.UUID, box: SecretBox) -> str | None:
    """Return the ``otpauth`` address of a secret that waits to be enabled, or None; one that cannot be read is none."""
    row = db.session.get(SecondFactor, staff_id)
    if row is None or row.enabled_at is not None:
        return None
    try:
        return _address(staff_id, box.unseal(Sealed(row.ring_id, row.ciphertext), row_id=str(staff_id)))
    except UnreadableSecretError:
        return None


def enable(*, staff_id: uuid.UUID, code: str, by: Actor, at: datetime, box: SecretBox) -> list[str]:
    """Turn the second factor on and return ten recovery codes, which are shown this once.

    Raises:
        NotFound: none was begun, or it is on already.
        InvalidInput: the code is not one of the secret that was set aside.

    """
    row = db.session.get(SecondFactor, staff_id, with_for_update=True)
    if row is None or row.enabled_at is not None:
        raise NotFound("No second factor that waits to be turned on")
    if not _use_step(staff_id, code, at, box):
        raise InvalidInput(code=WRONG)
    row.enabled_at = at
    audit.record(action="staff.second_factor_enabled", subject=f"staff:{staff_id}", by=by)
    return _new_codes(staff_id)


def use(*, staff_id: uuid.UUID, code: str, by: Actor, at: datetime, box: SecretBox) -> bool:
    """Use up one code of the device or one recovery code; tell whether it was good."""
    if not is_enabled(staff_id=staff_id):
        return False
    return _use_step(staff_id, code, at, box) or _use_recovery_code(staff_id, code, by, at)


def renew_codes(*, staff_id: uuid.UUID, by: Actor) -> list[str]:
    """Make ten new recovery codes and end those before; the caller has seen a good code."""
    audit.record(action="staff.recovery_codes_renewed", subject=f"staff:{staff_id}", by=by)
    return _new_codes(staff_id)


def codes_left(*, staff_id: uuid.UUID) -> int:
    """Return how many recovery codes of a person are unused."""
    unused = sa.select(sa.func.count()).select_from(RecoveryCode).filter_by(staff_id=staff_id, used_at=None)
    return db.session.scalar(unused) or 0


def disable(*, staff_id: uuid.UUID, by: Actor) -> None:
    """Turn a person's own second factor off; the caller has asked for password and code."""
    if _forget(staff_id):
        audit.record(action="staff.second_factor_disabled", subject=f"staff:{staff_id}", by=by)


def reset(*, staff_id: uuid.UUID, by: Actor) -> None:
    """Take away the second factor of somebody who lost it, so that the password alone lets in again (SPEC S-3).

    Raises:
        NotFound: the person has none.

    """
    if not _forget(staff_id):
        raise NotFound("No second factor of this person")
    audit.record(action="staff.second_factor_reset", subject=f"staff:{staff_id}", by=by)


def _forget(staff_id: uuid.UUID) -> bool:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    gone = db.session.execute(
        sa.delete(SecondFactor).where(SecondFactor.staff_id == staff_id).returning(SecondFactor.enabled_at.is_not(None))
    ).scalar()
    return bool(gone)


def _use_step(staff_id: uuid.UUID, code: str, at: datetime, box: SecretBox) -> bool:
    """Use the time step of ``code``, one to either side allowed; no step is used twice, by however many at once."""
    row = db.session.get_one(SecondFactor, staff_id)
    try:
        secret = box.unseal(Sealed(row.ring_id, row.ciphertext), row_id=str(staff_id))
    except UnreadableSecretError:
        return False  # its key has left the ring: a recovery code or a reset lets in
    step = _step_of(secret, "".join(code.split()), int(at.timestamp()) // STEP_SECONDS)
    if step is None:
        return False
    unused = sa.or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    used = db.session.execute(
        sa.update(SecondFactor)
        .where(SecondFactor.staff_id == staff_id, unused)
        .values(last_step=step)
        .returning(SecondFactor.staff_id)
    )
    return used.first() is not None


def _step_of(secret: str, code: str, now: int) -> int | None:
    totp = pyotp.TOTP(secret)
    steps = [step for step in (now - 1, now, now + 1) if is_same(totp.generate_otp(step).encode(), _bytes(code))]
    return max(steps, default=None)


def _use_recovery_code(staff_id: uuid.UUID, code: str, by: Actor, at: datetime) -> bool:
    used = db.session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == _hash(staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.staff_id)
    )
    if used.first() is None:
        return False
    audit.record(
        action="staff.recovery_code_used",
        subject=f"staff:{staff_id}",
        by=by,
        changes={"codes_left": codes_left(staff_id=staff_id)},
    )
    return True


def _new_codes(staff_id: uuid.UUID) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(staff_id=staff_id, code_hash=_hash(staff_id, code)) for code in codes)
    return codes


def _group() -> str:
    return "".join(secrets.choice(SYMBOLS) for _ in range(GROUP_SYMBOLS))


def _hash(staff_id: uuid.UUID, code: str) -> bytes:
    """Return what is stored of a recovery code, however it is spaced, dashed or capitalised."""
    return hash_token(f"{staff_id}:{''.join(filter(str.isalnum, code)).lower()}")


def _address(staff_id: uuid.UUID, secret: str) -> str:
    email = db.session.get_one(Staff, staff_id).email
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
