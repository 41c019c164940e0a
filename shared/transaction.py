"""The only place that commits or rolls back (a rules test reads the repo for it)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import current_app
from psycopg.errors import ReadOnlySqlTransaction
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared import failpoints, queue
from shared.db import current_settings, db, scope_to
from shared.errors import Busy
from shared.services import health

log = structlog.get_logger()


@contextmanager
def transaction(*, environment_id: int | None = None) -> Iterator[None]:
    """Commit what the block does, or nothing of it; then send the hints it gathered.

    Raises:
        Busy: the database went away or a lock did not come in time.

    """
    with _edge(environment_id):
        failpoints.reach("before_begin")
        yield
        failpoints.reach("before_commit")
        db.session.commit()
        failpoints.reach("after_commit")


@contextmanager
def single_statement(*, environment_id: int | None = None) -> Iterator[None]:
    """Let each statement of the block be its own transaction: for the hot path, where one statement does it all.

    Raises:
        Busy: the database went away or a lock did not come in time.

    """
    with _edge(environment_id):
        failpoints.reach("before_begin")
        db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield
        failpoints.reach("after_commit")


@contextmanager
def _edge(environment_id: int | None) -> Iterator[None]:
    db.session.rollback()  # what authentication read before is over; authorization is never held in a transaction
    queue.take_hints()
    try:
        if environment_id is None:
            yield
        else:
            with scope_to(environment_id):
                yield
    except (DBAPIError, PoolTimeoutError) as error:
        db.session.rollback()
        if isinstance(error, DBAPIError) and not _is_away(error):
            raise
        log.warning("database.unavailable", cause=str(error.orig if isinstance(error, DBAPIError) else error)[:200])
        raise Busy from error
    except BaseException:
        db.session.rollback()
        raise
    hints = queue.take_hints()
    db.session.close()
    if hints:
        _send(hints)
        failpoints.reach("after_send")


def _is_away(error: DBAPIError) -> bool:
    """Tell whether the database is gone, too busy or, while another takes over from it, read-only."""
    is_read_only = isinstance(error.orig, ReadOnlySqlTransaction)
    return isinstance(error, OperationalError) or error.connection_invalidated or is_read_only


def _send(hints: list[queue.Hint]) -> None:
    """Send hints unless Redis has just failed somebody here; the sweeper finds the jobs of those not sent."""
    circuit = queue.circuit_of(current_app)
    if not circuit.may_try():
        return
    if queue.send(_redis(), hints):
        circuit.record_success()
    else:
        circuit.record_failure()


def _redis() -> Redis:
    if "redis" not in current_app.extensions:
        current_app.extensions["redis"] = queue.connect(current_settings().redis_url)
    redis: Redis = current_app.extensions["redis"]
    return redis


def is_ready(*, revision: str) -> bool:
    """Tell whether database and Redis answer in time and the schema is at ``revision``."""
    try:
        with single_statement():
            is_current = health.revision() == revision
        return is_current and bool(_redis().ping())
    except (Busy, RedisError):
        return False
