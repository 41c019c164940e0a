"""Limits on guessing: sign-in, one-time links, passwords asked for again. The contract's windows are not here."""

from __future__ import annotations

import hashlib
import math
import time

from flask import Flask, Response, request
from flask_limiter import Limiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from admin_app.edge import caller_address
from admin_app.visit import find_visitor
from shared.config import Settings
from shared.queue import TIMEOUT_SECONDS

# A person who mistypes gets through; a list of passwords takes days. Time alone opens again, for everyone.
PER_ADDRESS = "20 per minute; 100 per hour"
PER_ACCOUNT = "5 per minute; 30 per hour"


def of_address() -> str:
    """Return under what the tries of one address are counted."""
    return f"address:{caller_address() or 'unknown'}"


def of_account() -> str:
    """Return under what the tries at one account are counted, whether it exists or not; no e-mail goes to Redis."""
    person = find_visitor()
    email = person.email if person else request.form.get("email", "")
    return "account:" + hashlib.sha256(email.strip().lower().encode(errors="replace")).hexdigest()[:32]


def is_failure(response: Response) -> bool:
    """Tell whether an answer was a refusal: what succeeds is not counted against the account."""
    return response.status_code >= 400  # noqa: PLR2004


limiter = Limiter(
    key_func=of_address,
    strategy="moving-window",
    in_memory_fallback_enabled=True,  # while Redis is away each process counts for itself
    key_prefix="office",
)
# Routes are decorated one by one: a limit on a blueprint would run before its own gate.
guard_address = limiter.limit(PER_ADDRESS, key_func=of_address)
guard_account = limiter.limit(PER_ACCOUNT, key_func=of_account, deduct_when=is_failure)


def register(app: Flask, settings: Settings) -> None:
    """Count in Redis; a Redis that hangs is given up on quickly and never retried by the client."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    limiter.init_app(app)


def seconds_to_wait() -> int:
    """Return after how many whole seconds the limit that was reached lets through again."""
    reached = limiter.current_limit
    return max(1, math.ceil(reached.reset_at - time.time())) if reached else 60
