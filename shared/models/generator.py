"""Generators: how the keys of a product look, and the terms their licenses start from."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db import Base, EnvironmentScoped
from shared.models.columns import CreatedAt, Id, Json, Moment, one_of
from shared.models.product import Product

FORMATS = ("pattern", "uuid")
STATUSES = ("active", "inactive", "retired")  # the last is for good
ALPHABETS = {
    "unambiguous": "23456789ABCDEFGHJKMNPQRSTUVWXYZ",
    "alphanumeric": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "hex": "0123456789ABCDEF",
    "digits": "0123456789",
}


class Generator(EnvironmentScoped, Base):
    """A key format with features and an activation limit; belongs to one product (SPEC 1, K-1)."""

    __tablename__ = "generator"
    __table_args__ = (
        sa.UniqueConstraint("id", "product_id"),
        sa.ForeignKeyConstraint(["product_id", "environment_id"], ["product.id", "product.environment_id"]),
        sa.Index(
            "generator_name_live",
            "product_id",
            sa.text("lower(name)"),
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL AND status <> 'retired'"),
        ),
        one_of("format", FORMATS),
        one_of("alphabet", ALPHABETS),
        one_of("status", STATUSES),
        sa.CheckConstraint("activation_limit >= 1", name="activation_limit_positive"),
        sa.CheckConstraint("(format = 'pattern') = (pattern IS NOT NULL)", name="pattern_when_pattern"),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.String(200))
    format: Mapped[str] = mapped_column(server_default="pattern", default="pattern")
    pattern: Mapped[str | None] = mapped_column(sa.String(100))
    alphabet: Mapped[str] = mapped_column(server_default="unambiguous", default="unambiguous")
    features: Mapped[Json] = mapped_column(server_default="{}", default=dict)
    activation_limit: Mapped[int] = mapped_column(server_default="1", default=1)
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    deleted_at: Mapped[Moment | None]
    deleted_by: Mapped[str | None]

    product: Mapped[Product] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.name
