"""Limits on guessing: sign-in, codes, one-time links, passwords asked for again. Contracts have their own windows."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, make_response, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many
from limits.strategies import RateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from admin_app.edge import caller_address
from admin_app.entry import find_half
from admin_app.refusals import TooManyTries
from admin_app.visit import find_visitor
from shared import queue
from shared.circuit import Circuit
from shared.config import Settings

View = TypeVar("View", bound=Callable[..., Any])

# The more failures, the longer the wait: a minute, a quarter of an hour, an hour. A person who mistypes gets through,
# a list of passwords takes years. What is refused is not counted, so time alone opens again, for everyone.
PER_ADDRESS = parse_many("20 per minute; 60 per 15 minutes; 100 per hour")
PER_ACCOUNT = parse_many("5 per minute; 15 per 15 minutes; 30 per hour")
PER_CODE = [*PER_ACCOUNT, *parse_many("100 per day")]
# Handed through to the Redis client: give up soon and never retry.
_REDIS: dict[str, Any] = {
    "socket_timeout": queue.TIMEOUT_SECONDS,
    "socket_connect_timeout": queue.TIMEOUT_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}


class Guesses:
    """Counts tries in Redis, and in this process alone while Redis is away, behind the breaker of the process."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._circuit: Circuit = queue.circuit_of(app)
        self._in_redis = _strategy(app, storage_uri=settings.redis_url, storage_options=_REDIS)
        self._in_process = _strategy(app, storage_uri="memory://")

    def count(self, key: str, items: list[RateLimitItem]) -> None:
        """Count one try. Raises TooManyTries when a window of ``items`` is full; such a try is not counted."""
        self._ask(lambda strategy: _count(strategy, key, items))

    def forgive(self, key: str, items: list[RateLimitItem]) -> None:
        """Forget the tries under ``key``: the last one succeeded."""
        self._ask(lambda strategy: _forget(strategy, key, items))

    def _ask(self, question: Callable[[RateLimiter], object]) -> None:
        if self._circuit.may_try():
            try:
                question(self._in_redis)
            except RedisError:
                self._circuit.record_failure()
            except TooManyTries:
                self._circuit.record_success()
                raise
            else:
                self._circuit.record_success()
                return
        question(self._in_process)


def register(app: Flask, settings: Settings) -> None:
    """Give ``app`` its count of guesses."""
    app.extensions["guesses"] = Guesses(app, settings)


def of_address() -> str:
    """Return under what the tries of one address are counted."""
    return f"address:{caller_address() or 'unknown'}"


def of_account() -> str:
    """Return under what the tries at one account are counted, whether it exists or not; no e-mail goes to Redis."""
    person = find_visitor()
    email = person.email if person else request.form.get("email", "")
    return "account:" + hashlib.sha256(email.strip().lower().encode(errors="replace")).hexdigest()[:32]


def of_code() -> str:
    """Return under what the codes tried for one person are counted."""
    person, half = find_visitor(), find_half()
    return f"code:{person.id if person else half.staff_id if half else 'nobody'}"


def guard_address(view: View) -> View:
    """Count every call of ``view`` for its address."""
    return _guarded(view, of_address, PER_ADDRESS, forgives=False)


def guard_account(view: View) -> View:
    """Count the calls of ``view`` for one account until one of them succeeds."""
    return _guarded(view, of_account, PER_ACCOUNT, forgives=True)


def guard_code(view: View) -> View:
    """Count the codes tried for one person until one of them is right."""
    return _guarded(view, of_code, PER_CODE, forgives=True)


def _guarded(view: View, key_of: Callable[[], str], items: list[RateLimitItem], *, forgives: bool) -> View:
    """Count before the view runs, so that many at once are not let through together."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        guesses: Guesses = current_app.extensions["guesses"]
        key = key_of()
        guesses.count(key, items)
        response = make_response(view(*args, **kwargs))
        if forgives and response.status_code < 400:  # noqa: PLR2004 - what succeeds is not counted
            guesses.forgive(key, items)
        return response

    return guarded  # type: ignore[return-value]


def _count(strategy: RateLimiter, key: str, items: list[RateLimitItem]) -> None:
    for item in items:
        if not strategy.hit(item, "office", key):
            opens_at = strategy.get_window_stats(item, "office", key).reset_time
            raise TooManyTries(retry_after=max(1, math.ceil(opens_at - time.time())))


def _forget(strategy: RateLimiter, key: str, items: list[RateLimitItem]) -> None:
    for item in items:
        strategy.clear(item, "office", key)


def _strategy(app: Flask, **storage: Any) -> RateLimiter:
    """Return Flask-Limiter's moving windows over a storage."""
    limiter = Limiter(of_address, strategy="moving-window", **storage)
    limiter.init_app(app)
    return limiter.limiter
