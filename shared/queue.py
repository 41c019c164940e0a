"""Enqueue by name, after commit: the row is the truth, the queue is a hint (a lost hint is found by the sweeper)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from typing import NamedTuple

import structlog
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from shared.circuit import Circuit
from shared.db import db

log = structlog.get_logger()

# A web process must not hang on a frozen Redis; a worker waits longer on purpose and has its own client.
TIMEOUT_SECONDS = 0.4
# After a failure nobody asks for this long: a frozen Redis delays one call in five seconds, whoever asks it.
REST_SECONDS = 5.0
QUEUES = ("generation",)
# Every function a worker may run; anything else found in Redis is refused (DESIGN 5, RQ).
FUNCTIONS = {"generation": "shared.jobs.generation.run_slice"}


class Hint(NamedTuple):
    """One function to run with one id; ``again`` when a hint before it may have been lost."""

    queue: str
    row_id: uuid.UUID
    again: bool = False


def later(queue: str, row_id: uuid.UUID, *, again: bool = False) -> None:
    """Ask that the function of ``queue`` be run with ``row_id`` once the present transaction has committed."""
    db.session().info.setdefault("hints", []).append(Hint(queue, row_id, again))


def take_hints() -> list[Hint]:
    """Return and forget what was asked for in the present transaction."""
    return list(db.session().info.pop("hints", []))


def connect(url: str, *, timeout_seconds: float | None = TIMEOUT_SECONDS) -> Redis:
    """Return a client that gives up after ``timeout_seconds`` and never retries by itself."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


def circuit_of(app: Flask) -> Circuit:
    """Return the one breaker of this process for Redis."""
    fresh = Circuit(rest_seconds=REST_SECONDS, monotonic=time.monotonic)
    circuit: Circuit = app.extensions.setdefault("redis_circuit", fresh)
    return circuit


def send(redis: Redis, hints: Iterable[Hint]) -> bool:
    """Put ``hints`` on their queues; tell whether all arrived. A Redis that is away is logged, not raised."""
    try:
        for hint in hints:
            _send_one(Queue(hint.queue, connection=redis, serializer=JSONSerializer), hint)
    except RedisError as error:
        log.warning("queue.unreachable", error=type(error).__name__)
        return False
    return True


def _send_one(queue: Queue, hint: Hint) -> None:
    """Enqueue one hint; of those sent again for one row at most one waits, or a backlog would breed its own."""
    name = f"again-{hint.row_id}" if hint.again else None
    if name and queue.get_job_position(name) is not None:
        return
    queue.enqueue(
        FUNCTIONS[hint.queue], str(hint.row_id), job_id=name, result_ttl=0, failure_ttl=3600, job_timeout=3600
    )
