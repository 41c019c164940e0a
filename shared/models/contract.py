"""Contracts, and the narrow row that holds their quota and the gate in front of it."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import ARRAY, CIDR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db import Base, EnvironmentScoped
from shared.models.columns import Big, CreatedAt, Id, Json, Moment, one_of
from shared.models.generator import Generator
from shared.models.product import Product

TYPES = ("standard", "reseller", "enterprise", "pool")
EXPIRY_KINDS = ("never", "duration", "date")
EXPIRY_UNITS = ("days", "months", "years")
QUOTA_MOST = 2**63 - 1
TEST_LICENSES_MOST = 50


class Contract(EnvironmentScoped, Base):
    """A blueprint for licenses; its uuid, type, product and environment never change (SPEC 2, C-1)."""

    __tablename__ = "contract"
    __table_args__ = (
        sa.ForeignKeyConstraint(["product_id", "environment_id"], ["product.id", "product.environment_id"]),
        sa.ForeignKeyConstraint(["generator_id", "product_id"], ["generator.id", "generator.product_id"]),
        sa.Index(
            "contract_name_live",
            "environment_id",
            sa.text("lower(name)"),
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        sa.Index("contract_name_trigram", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        sa.Index("contract_environment_id_id_idx", "environment_id", "id"),
        sa.Index("contract_generator_id_idx", "generator_id"),
        one_of("type", TYPES),
        sa.CheckConstraint(
            "CASE expiry_kind WHEN 'never' THEN num_nonnulls(expiry_n, expiry_unit, expiry_date) = 0"
            " WHEN 'duration' THEN num_nonnulls(expiry_n, expiry_unit) = 2 AND expiry_n >= 1 AND expiry_date IS NULL"
            " WHEN 'date' THEN expiry_date IS NOT NULL AND num_nonnulls(expiry_n, expiry_unit) = 0"
            " ELSE false END",
            name="one_expiry",
        ),
        one_of("expiry_unit", EXPIRY_UNITS),
        sa.CheckConstraint("activation_limit >= 1", name="activation_limit_positive"),
        sa.CheckConstraint("per_minute BETWEEN 1 AND 100000", name="per_minute_range"),
        sa.CheckConstraint("per_hour BETWEEN 1 AND 100000", name="per_hour_range"),
        sa.CheckConstraint("per_day BETWEEN 1 AND 100000", name="per_day_range"),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID]
    generator_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.String(200))
    type: Mapped[str] = mapped_column(server_default="standard", default="standard")
    partner: Mapped[str | None] = mapped_column(sa.String(200))
    reference: Mapped[str | None] = mapped_column(sa.String(500))
    notes: Mapped[str | None] = mapped_column(sa.String(5000))
    overrides: Mapped[Json] = mapped_column(server_default="{}", default=dict)
    activation_limit: Mapped[int | None]
    expiry_kind: Mapped[str] = mapped_column(server_default="never", default="never")
    expiry_n: Mapped[int | None]
    expiry_unit: Mapped[str | None]
    expiry_date: Mapped[date | None]
    api_access: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    per_minute: Mapped[int | None]
    per_hour: Mapped[int | None]
    per_day: Mapped[int | None]
    allow: Mapped[list[str]] = mapped_column(ARRAY(CIDR), server_default="{}", default=list)
    low_stock: Mapped[int] = mapped_column(server_default="100", default=100)
    test_until: Mapped[Moment | None]
    activated_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    created_by: Mapped[str] = mapped_column(server_default="command", default="command")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[Moment | None]
    deleted_by: Mapped[str | None]

    product: Mapped[Product] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    generator: Mapped[Generator] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    quota: Mapped[ContractQuota] = relationship(lazy="joined", innerjoin=True, back_populates="contract")

    @property
    def status(self) -> str:
        """Return ``active`` when the gate is open, else ``inactive``."""
        return "active" if self.quota.accepting else "inactive"

    @property
    def effective_features(self) -> dict[str, Any]:
        """Return the generator's features with the contract's laid over them key by key."""
        return {**self.generator.features, **self.overrides}

    @property
    def effective_activation_limit(self) -> int:
        """Return the number of activations a new license allows."""
        return self.activation_limit or self.generator.activation_limit

    def is_expired(self, at: datetime) -> bool:
        """Tell whether the fixed date of the contract has passed at ``at`` (SPEC C-4)."""
        return self.expiry_kind == "date" and self.expiry_date is not None and self.expiry_date < at.date()

    def __str__(self) -> str:
        return self.name


def expiry_of(*, kind: str, n: int | None, unit: str | None, last_day: date | None, at: datetime) -> datetime | None:
    """Return the first moment a license made at ``at`` is no longer good, or None for never (SPEC C-8).

    Durations are calendar arithmetic in UTC that clips to the end of a month; a fixed date is good through
    the end of that day. A result past the year 9999 is cut there.
    """
    if kind == "never":
        return None
    if kind == "date" and last_day is not None:
        return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=UTC)
    try:
        step: dict[str, Any] = {unit or "days": n or 0}
        return at.astimezone(UTC) + relativedelta(**step)
    except (OverflowError, ValueError):
        return datetime(9999, 12, 31, tzinfo=UTC)


class ContractQuota(Base):
    """The counters of one contract and the gate ``accepting``; moved by single UPDATEs only (SCHEMA 1).

    ``closed`` is set once, when the contract is deleted; no kind of generation gets past it (SPEC C-13).

    The row stays narrow and without further indexes so that its updates stay inside their page.
    """

    __tablename__ = "contract_quota"
    __table_args__ = (
        sa.CheckConstraint("quota >= 1", name="quota_positive"),
        sa.CheckConstraint("used >= 0 AND used <= quota", name="used_within_quota"),
        # Written as a difference: the sum of two large counters would overflow.
        sa.CheckConstraint("reserved >= 0 AND reserved <= quota - used", name="reserved_within_rest"),
        sa.CheckConstraint(f"test_live BETWEEN 0 AND {TEST_LICENSES_MOST}", name="test_live_range"),
        sa.CheckConstraint("NOT closed OR (NOT accepting AND reserved = 0)", name="closed_for_good"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), primary_key=True)
    accepting: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    closed: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    quota: Mapped[Big]
    used: Mapped[Big] = mapped_column(server_default="0", default=0)
    reserved: Mapped[Big] = mapped_column(server_default="0", default=0)
    test_live: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0", default=0)
    low_stock_since: Mapped[Moment | None]

    contract: Mapped[Contract] = relationship(back_populates="quota")

    @property
    def remaining(self) -> int:
        """Return how many licenses may still be asked for (SPEC C-5)."""
        return self.quota - self.used - self.reserved

    @property
    def utilization_percent(self) -> int:
        """Return the used share of the quota in whole percent, rounded down (SPEC C-5)."""
        return self.used * 100 // self.quota
