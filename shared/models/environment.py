"""Environments: production, staging, development and what an installation adds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import one_of


class Environment(Base):
    """A world of its own: nothing in one can generate, list or authenticate in another (SPEC C-2)."""

    __tablename__ = "environment"
    __table_args__ = (one_of("tag", ("live", "test")),)

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    tag: Mapped[str]
