"""Audit entries: append-only, the database refuses every update and delete (SPEC A-1, SCHEMA 7)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import CreatedAt, Id, Json


class AuditEntry(Base):
    """Who did what to which thing, with the fields before and after; customers appear by id only."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("audit_entry_contract_id_id_idx", "contract_id", "id"),
        sa.Index("audit_entry_environment_id_id_idx", "environment_id", "id"),
    )

    id: Mapped[Id]
    environment_id: Mapped[int | None] = mapped_column(sa.SmallInteger)
    contract_id: Mapped[uuid.UUID | None]
    subject: Mapped[str]
    action: Mapped[str]
    actor: Mapped[str]
    address: Mapped[str | None] = mapped_column(INET)
    request_id: Mapped[str | None]
    changes: Mapped[Json] = mapped_column(server_default="{}", default=dict)
    at: Mapped[CreatedAt]


class AuditUnsealed(Base):
    """Ids of entries that wait for the sealer; inserted in the transaction of the entry."""

    __tablename__ = "audit_unsealed"

    entry_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
