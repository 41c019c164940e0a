"""The one generous limit on reads of each key, kept by Flask-Limiter (GATEWAY 2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from flask_limiter import Limiter, RateLimitExceeded
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.config import Settings
from shared.errors import RateLimited
from shared.services.door import Visitor

READS = "600 per minute"
READ_WINDOW_SECONDS = 60
# Handed through to the Redis client: give up soon and never retry.
_REDIS: dict[str, Any] = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry": Retry(NoBackoff(), 0)}


def register(app: Flask, settings: Settings) -> None:
    """Give ``app`` a limiter that goes on per process while Redis is away, and never hangs on a frozen one."""
    limiter = Limiter(
        lambda: "",
        storage_uri=settings.redis_url,
        storage_options=_REDIS,
        strategy="moving-window",
        in_memory_fallback_enabled=True,
        in_memory_fallback=[READS],
        key_prefix="gateway-reads",
    )
    limiter.init_app(app)
    app.extensions["reads"] = limiter


@contextmanager
def counted(visitor: Visitor) -> Iterator[None]:
    """Count one read of the visitor's key. Raises RateLimited when the minute is full."""
    limiter: Limiter = current_app.extensions["reads"]
    try:
        with limiter.limit(READS, key_func=lambda: visitor.public_id):
            yield
    except RateLimitExceeded as error:
        raise RateLimited(retry_after=READ_WINDOW_SECONDS) from error
