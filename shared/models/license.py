"""Licenses: one key each."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base, EnvironmentScoped
from shared.models.columns import CreatedAt, Id, Moment, one_of

STATUSES = ("available", "assigned", "active", "suspended", "revoked")


class License(EnvironmentScoped, Base):
    """One key under the terms of its generation (SPEC 6).

    There are no row-level foreign keys but the customer's: a statement trigger checks each insert (SCHEMA 3).
    ``features`` is empty while the license has those of its generation.
    """

    __tablename__ = "license"
    __table_args__ = (
        sa.UniqueConstraint("canonical", name="license_canonical_key"),
        sa.UniqueConstraint("generation_id", "ordinal", name="license_generation_ordinal_key"),
        sa.Index("license_contract_id_id_idx", "contract_id", "id"),
        sa.Index("license_environment_id_id_idx", "environment_id", "id"),
        sa.Index(
            "license_customer_id_id_idx",
            "customer_id",
            "id",
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        ),
        sa.Index("license_contract_id_pos_idx", "contract_id", "pos", postgresql_where=sa.text("pos IS NOT NULL")),
        sa.Index(
            "license_environment_id_expires_at_idx",
            "environment_id",
            "expires_at",
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
        one_of("status", STATUSES),
        sa.CheckConstraint("activations >= 0 AND activations <= activation_limit", name="activations_within_limit"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.Text)
    canonical: Mapped[str] = mapped_column(sa.Text(collation="C"))
    product_id: Mapped[uuid.UUID]
    contract_id: Mapped[uuid.UUID | None]
    generation_id: Mapped[uuid.UUID | None]
    ordinal: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="available", default="available")
    test: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    features: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    activation_limit: Mapped[int]
    activations: Mapped[int] = mapped_column(server_default="0", default=0)
    expires_at: Mapped[Moment | None]
    customer_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("customer.id"))
    pos: Mapped[int | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSONB)
    created_at: Mapped[CreatedAt]
    assigned_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
