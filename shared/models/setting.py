"""Settings of the installation that staff change on a page (SPEC X-2); those of a process are in ``shared.config``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db import Base
from shared.models.columns import Moment


class Setting(Base):
    """One setting that was changed from its default; never a secret."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(sa.String, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[Moment]
    updated_by: Mapped[str]
