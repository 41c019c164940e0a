"""Staff, their sessions and the one-time links that let them in; tokens are stored hashed (SPEC S-3)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db import Base
from shared.models.columns import CreatedAt, Id, Moment, one_of

ROLES = ("super_admin", "admin", "operator", "viewer")
STATES = ("invited", "active", "disabled")
THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
USER_AGENT_MOST = 200


class Staff(Base):
    """A person of the vendor who may sign in, with one role."""

    __tablename__ = "staff"
    __table_args__ = (
        sa.Index("staff_email", sa.text("lower(email)"), unique=True),
        one_of("role", ROLES),
        one_of("theme", THEMES),
        one_of("density", DENSITIES),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(sa.String(254))
    role: Mapped[str]
    password_hash: Mapped[str | None]
    environment_id: Mapped[int] = mapped_column(
        sa.SmallInteger, sa.ForeignKey("environment.id"), server_default="1", default=1
    )
    theme: Mapped[str] = mapped_column(server_default="system", default="system")
    density: Mapped[str] = mapped_column(server_default="comfortable", default="comfortable")
    time_zone: Mapped[str] = mapped_column(sa.String(64), server_default="UTC", default="UTC")
    hotkeys: Mapped[bool] = mapped_column(server_default=sa.true(), default=True)
    disabled_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]

    def __str__(self) -> str:
        return self.email

    @property
    def state(self) -> str:
        """Return ``disabled``, ``invited`` until a password is set, else ``active``."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.password_hash else "invited"


class StaffSession(Base):
    """One signed-in browser; ``id`` names it on pages, ending it holds from the next request on."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, server_default=sa.func.gen_random_uuid(), default=uuid.uuid4)
    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[CreatedAt]
    address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str] = mapped_column(sa.String(USER_AGENT_MOST), server_default="", default="")

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class OneTimeLink(Base):
    """A link that lets one person set a password once; GET shows, POST consumes."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    ends_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
