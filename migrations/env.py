"""How Alembic reaches the database: as the owner of the tables, one migration run at a time."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import context

import shared.models  # noqa: F401 - declares every table
from shared.db import Base

# Two deployments that start at once must not migrate at once; the second waits and then finds nothing to do.
MIGRATION_LOCK = 7_210_553


def run() -> None:
    """Run the migrations asked for on the owner's connection."""
    url = context.config.attributes.get("url") or os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=False)
        with context.begin_transaction():
            context.run_migrations()
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})")
        connection.commit()
    engine.dispose()


run()
