"""The one generous limit on reads of each key, kept by Flask-Limiter (GATEWAY 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g
from flask_limiter import Limiter, RateLimitExceeded
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared import queue
from shared.circuit import Circuit
from shared.config import Settings
from shared.errors import RateLimited

READS = "600 per minute"
READ_WINDOW_SECONDS = 60
# Handed through to the Redis client: give up soon and never retry.
_REDIS: dict[str, Any] = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry": Retry(NoBackoff(), 0)}


class Reads:
    """Counts reads in Redis, and in this process alone while Redis is away.

    Flask-Limiter's own fallback asks a frozen Redis twice in one call and again after 1, 2, 4 … seconds. Two
    limiters behind the breaker of the process keep the one promise of GATEWAY 7.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._circuit: Circuit = queue.circuit_of(app)
        self._in_redis = _counter(app, storage_uri=settings.redis_url, storage_options=_REDIS)
        self._in_process = _counter(app, storage_uri="memory://")

    def count(self) -> None:
        """Count one read. Raises RateLimitExceeded when the minute of the key is full."""
        if self._circuit.may_try():
            try:
                self._in_redis()
            except RedisError:
                self._circuit.record_failure()
            else:
                self._circuit.record_success()
                return
        self._in_process()


def register(app: Flask, settings: Settings) -> None:
    """Give ``app`` its limit on reads."""
    app.extensions["reads"] = Reads(app, settings)


def count() -> None:
    """Count one read of the visitor's key. Raises RateLimited when the minute is full."""
    reads: Reads = current_app.extensions["reads"]
    try:
        reads.count()
    except RateLimitExceeded as error:
        raise RateLimited(retry_after=READ_WINDOW_SECONDS) from error


def _counter(app: Flask, **storage: Any) -> Callable[[], None]:
    """Return a function that counts one read of the visitor's key in a storage, whichever endpoint is read."""
    limiter = Limiter(_key, strategy="moving-window", key_prefix="gateway-reads", **storage)
    limiter.init_app(app)
    count_one: Callable[[], None] = limiter.shared_limit(READS, scope="reads")(_nothing)
    return count_one


def _key() -> str:
    key: str = g.visitor.public_id
    return key


def _nothing() -> None:
    """Stand where Flask-Limiter wants a view."""
