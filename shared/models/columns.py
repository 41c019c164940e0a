"""Column types and small column makers that every table shares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column
from uuid_utils.compat import uuid7

Id = Annotated[uuid.UUID, mapped_column(sa.Uuid, primary_key=True, default=uuid7)]
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())]
Big = Annotated[int, mapped_column(sa.BigInteger)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


def one_of(column: str, values: Iterable[str], *, name: str | None = None) -> sa.CheckConstraint:
    """Return a check that ``column`` holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")
