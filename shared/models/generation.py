"""Generations: one accepted request to make N licenses; the history entry and the idempotency record."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base, EnvironmentScoped
from shared.models.columns import Big, CreatedAt, Id, Json, one_of

METHODS = ("manual", "api", "scheduled")
STATUSES = ("open", "completed", "failed", "cancelled", "refused")
SCOPES = ("api", "admin_api", "ui", "schedule")


class Generation(EnvironmentScoped, Base):
    """Who asked for how many licenses from what, under which terms, and what became of it (SPEC 1, C-7)."""

    __tablename__ = "generation"
    __table_args__ = (
        sa.ForeignKeyConstraint(["product_id", "environment_id"], ["product.id", "product.environment_id"]),
        sa.ForeignKeyConstraint(["generator_id", "product_id"], ["generator.id", "generator.product_id"]),
        sa.UniqueConstraint("contract_id", "idem_scope", "idem_key", name="generation_idempotency_key"),
        sa.Index("generation_contract_id_id_idx", "contract_id", "id"),
        one_of("method", METHODS),
        one_of("status", STATUSES),
        one_of("idem_scope", SCOPES),
        sa.CheckConstraint("count >= 1", name="count_positive"),
        sa.CheckConstraint("(idem_key IS NULL) = (fingerprint IS NULL)", name="fingerprint_with_key"),
    )

    id: Mapped[Id]
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    product_id: Mapped[uuid.UUID]
    generator_id: Mapped[uuid.UUID]
    method: Mapped[str]
    actor: Mapped[str]
    reference: Mapped[str | None] = mapped_column(sa.String(200))
    count: Mapped[Big]
    test: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    status: Mapped[str]
    error_code: Mapped[str | None]
    terms: Mapped[Json]
    used_after: Mapped[Big | None]
    quota_remaining: Mapped[Big | None]
    idem_scope: Mapped[str | None]
    idem_key: Mapped[str | None] = mapped_column(sa.String(255))
    fingerprint: Mapped[bytes | None]
    request_id: Mapped[str | None]
    created_at: Mapped[CreatedAt]
