"""The declarative base, the one session, the environment scope and the way to run SQL by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

import sqlalchemy as sa
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Row
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, mapped_column, with_loader_criteria
from sqlalchemy.sql import visitors

from shared.errors import EnvironmentNotChosen

if TYPE_CHECKING:
    from shared.config import Settings

Role = Literal["app", "gateway", "owner"]
EVERY_ENVIRONMENT = -1

# A request waits this long for a lock before it answers "in progress" (GATEWAY 6).
LOCK_TIMEOUT_MILLISECONDS = 3000
# Longer than any statement should take, that of a job's chunk included.
STATEMENT_TIMEOUT_MILLISECONDS = 30_000
# A process that stops inside a transaction must not hold its locks: another has to take its job over (SPEC G-3).
IDLE_TIMEOUT_MILLISECONDS = 10_000


class Base(DeclarativeBase):
    """What every table is declared on."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s",
        }
    )


class EnvironmentScoped:
    """A row that belongs to one environment; reads are filtered by the session's scope (SCHEMA 14)."""

    environment_id: Mapped[int] = mapped_column(sa.SmallInteger)


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def configure(app: Flask, settings: Settings, *, role: Role) -> None:
    """Give ``app`` the one database under the rights of ``role`` (SCHEMA 9).

    With a login of its own (``GATEWAY_DATABASE_URL``, ``OWNER_DATABASE_URL``) the login is the boundary. Else
    the connection takes the role by an option, which is a convenience for one machine and no boundary.
    """
    urls = {"app": "", "gateway": settings.gateway_database_url, "owner": settings.owner_database_url}
    takes_role = "" if urls[role] else f" -c role=allotment_{role}"
    app.config["SQLALCHEMY_DATABASE_URI"] = urls[role] or settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "hide_parameters": True,  # an error must not carry keys into the log
        "pool_size": 10,
        "max_overflow": 6,
        "pool_timeout": 5,
        "connect_args": {
            "connect_timeout": 3,
            "application_name": f"allotment-{role}",
            "options": f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MILLISECONDS}"
            f" -c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}"
            f" -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MILLISECONDS}{takes_role}",
        },
    }
    app.extensions["settings"] = settings
    db.init_app(app)


def current_settings() -> Settings:
    """Return the settings the running app was configured with."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def bare_app(settings: Settings, *, role: Role = "app") -> Flask:
    """Return a Flask app with the database and nothing else, for worker, clock and command line (SCHEMA 15)."""
    app = Flask("allotment")
    configure(app, settings, role=role)
    return app


@contextmanager
def scope_to(environment_id: int) -> Iterator[None]:
    """Let reads of scoped tables inside the block see one environment, or all with EVERY_ENVIRONMENT."""
    info = db.session().info
    before = info.get("environment_id")
    info["environment_id"] = environment_id
    try:
        yield
    finally:
        info["environment_id"] = before


@event.listens_for(db.session, "do_orm_execute")
def _apply_scope(state: ORMExecuteState) -> None:
    """Filter what is mapped; what only names a scoped table, as a bare count does, must filter it itself."""
    if state.is_column_load or state.is_relationship_load or state.is_insert:
        return
    environment_id = state.session.info.get("environment_id")
    if environment_id == EVERY_ENVIRONMENT:
        return
    if any(issubclass(mapper.class_, EnvironmentScoped) for mapper in state.all_mappers):
        if environment_id is None:
            raise EnvironmentNotChosen
        state.statement = state.statement.options(
            with_loader_criteria(
                EnvironmentScoped, lambda cls: cls.environment_id == environment_id, include_aliases=True
            )
        )
    else:
        ensure_environment_named(state.statement)


def ensure_environment_named(statement: sa.Executable) -> None:
    """Refuse a statement that reads a scoped table and compares no environment; for what goes past the session.

    Raises:
        EnvironmentNotChosen: it does so.

    """
    if not _names_environment(statement):
        raise EnvironmentNotChosen


def _names_environment(statement: sa.Executable) -> bool:
    """Tell whether ``statement`` compares the environment of a scoped table, or has none in it.

    One is enough: what is joined to it lies in the same environment by its foreign keys.
    """
    parts = list(visitors.iterate(cast("visitors.ExternallyTraversible", statement)))
    scoped = {part.name for part in parts if isinstance(part, sa.Table)} & _scoped_names()
    compared = {
        side.table.name
        for part in parts
        if isinstance(part, sa.BinaryExpression)
        for side in (part.left, part.right)
        if isinstance(side, sa.Column) and side.name == "environment_id"
    }
    return not scoped or bool(scoped & compared)


@cache
def _scoped_names() -> frozenset[str]:
    return frozenset(
        str(mapper.local_table.name)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, EnvironmentScoped) and isinstance(mapper.local_table, sa.Table)
    )


def run(sql: str, **values: Any) -> Sequence[Row[Any]]:
    """Run hand-written SQL on the session's own connection and return its rows (none when it returns no rows).

    Placeholders are the driver's: ``%(name)s``, or ``%(name)b`` to send the value in binary.
    """
    result = db.session.connection().exec_driver_sql(sql, values)
    return result.all() if result.returns_rows else ()


def first(sql: str, **values: Any) -> Row[Any] | None:
    """Run hand-written SQL and return its first row, or None."""
    rows = run(sql, **values)
    return rows[0] if rows else None


def broken_constraint(error: sa.exc.IntegrityError) -> str:
    """Return the name of the constraint that ``error`` speaks of, or an empty string."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


@contextmanager
def attempt() -> Iterator[None]:
    """Undo just this block when it fails: a savepoint, or nothing where each statement is its own transaction."""
    if db.session.connection().get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        yield
        return
    with db.session.begin_nested():
        yield
