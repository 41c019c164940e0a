"""Contract keys: what the gateway compares, and apart from it the copy that only the back-office reads."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import CreatedAt, Id, Moment, one_of

ROLES = ("current", "previous", "ended")


class ContractKey(Base):
    """One key of a contract; at most one is current and one previous (GATEWAY 3, SPEC X-1)."""

    __tablename__ = "contract_key"
    __table_args__ = (
        one_of("role", ROLES),
        sa.Index(
            "contract_key_role_once",
            "contract_id",
            "role",
            unique=True,
            postgresql_where=sa.text("role <> 'ended'"),
        ),
        sa.CheckConstraint("role <> 'previous' OR ends_at IS NOT NULL", name="previous_ends"),
    )

    id: Mapped[Id]
    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"))
    public_id: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    pepper_id: Mapped[str]
    masked: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="current", default="current")
    ends_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[Moment | None]
    last_used_address: Mapped[str | None] = mapped_column(INET)


class ContractKeySecret(Base):
    """The encrypted copy of a key for the audited reveal; the gateway's role has no grant on it (SCHEMA 9)."""

    __tablename__ = "contract_key_secret"

    key_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract_key.id", ondelete="CASCADE"), primary_key=True)
    ring_id: Mapped[str]
    ciphertext: Mapped[bytes]
