"""Products: what is licensed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base, EnvironmentScoped
from shared.models.columns import CreatedAt, Id, Moment, one_of

STATUSES = ("active", "inactive")


class Product(EnvironmentScoped, Base):
    """A thing licenses are sold for; deleting leaves a tombstone (SCHEMA 5)."""

    __tablename__ = "product"
    __table_args__ = (
        sa.UniqueConstraint("id", "environment_id"),
        sa.ForeignKeyConstraint(["environment_id"], ["environment.id"]),
        sa.Index(
            "product_code_live",
            "environment_id",
            sa.text("lower(code)"),
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        one_of("status", STATUSES),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(sa.String(50))
    name: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    deleted_at: Mapped[Moment | None]
    deleted_by: Mapped[str | None]

    def __str__(self) -> str:
        return self.name
