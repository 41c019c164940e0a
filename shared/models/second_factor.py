"""The second factor of a person and the codes that stand in for a lost one; the gateway has no grant on either."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import Big, Moment


class SecondFactor(Base):
    """A sealed TOTP secret (RFC 6238): it counts once it is enabled; ``last_step`` is the last step used."""

    __tablename__ = "second_factor"

    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    ring_id: Mapped[str]
    ciphertext: Mapped[bytes]
    enabled_at: Mapped[Moment | None]
    last_step: Mapped[Big | None]


class RecoveryCode(Base):
    """One code, stored hashed, good for one sign-in (SPEC S-3)."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[Moment | None]
