"""What the database says of itself."""

from __future__ import annotations

from shared import db


def revision() -> str | None:
    """Return the revision of the schema the database is at, or None when it was never migrated."""
    row = db.first("SELECT version_num FROM alembic_version")
    return row.version_num if row else None
