"""Customers: who licenses are assigned to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base, EnvironmentScoped
from shared.models.columns import CreatedAt, Id


class Customer(EnvironmentScoped, Base):
    """A person or company; the e-mail is unique in its environment whatever its case."""

    __tablename__ = "customer"
    __table_args__ = (
        sa.ForeignKeyConstraint(["environment_id"], ["environment.id"]),
        sa.Index("customer_email", "environment_id", sa.text("lower(email)"), unique=True),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    company: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    created_at: Mapped[CreatedAt]

    def __str__(self) -> str:
        return self.email
