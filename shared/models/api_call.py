"""The log of calls: one row per authenticated call, counts per minute for what anybody can cause (SPEC A-2)."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import Big, Id, Moment


class ApiCall(Base):
    """One call whose key was good; no foreign keys, so that it outlives what it speaks of."""

    __tablename__ = "api_call"
    __table_args__ = (
        sa.Index("api_call_contract_id_id_idx", "contract_id", "id"),
        sa.Index("api_call_request_id_idx", "request_id"),
        sa.Index("api_call_at_idx", "at"),
    )

    id: Mapped[Id]
    at: Mapped[Moment]
    environment_id: Mapped[int] = mapped_column(sa.SmallInteger)
    contract_id: Mapped[uuid.UUID]
    asked_contract: Mapped[str | None] = mapped_column(sa.String(64))
    key: Mapped[str]
    address: Mapped[str | None] = mapped_column(INET)
    method: Mapped[str]
    endpoint: Mapped[str]
    status: Mapped[int] = mapped_column(sa.SmallInteger)
    code: Mapped[str | None]
    latency_ms: Mapped[float] = mapped_column(sa.REAL)
    request_id: Mapped[str]
    client_request_id: Mapped[str | None] = mapped_column(sa.String(100))


class ApiRefusalMinute(Base):
    """How often an address was refused before its key was known to be good, in one minute, and why."""

    __tablename__ = "api_refusal_minute"

    minute: Mapped[Moment] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(INET, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(primary_key=True)
    asked_contract: Mapped[str | None] = mapped_column(sa.String(64))
    n: Mapped[Big]


class ApiCallDay(Base):
    """Generate calls of a contract in one day by outcome; kept when the single rows are forgotten (SPEC R-1)."""

    __tablename__ = "api_call_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[Big]
