"""Webhooks: where the events of a contract are sent, and what signs them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import CreatedAt, one_of

URL_MOST = 2000


class WebhookEndpoint(Base):
    """The one address of a contract's receiver (SPEC 2, GATEWAY 9)."""

    __tablename__ = "webhook_endpoint"

    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(URL_MOST))
    created_at: Mapped[CreatedAt]


class WebhookSecret(Base):
    """A sealed signing secret; it goes with its endpoint. The gateway's role has no grant on it (SCHEMA 9)."""

    __tablename__ = "webhook_secret"
    __table_args__ = (one_of("role", ("current", "previous")),)

    contract_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("webhook_endpoint.contract_id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)
    ring_id: Mapped[str]
    ciphertext: Mapped[bytes]
    created_at: Mapped[CreatedAt]
