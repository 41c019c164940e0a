"""A contract's calls as the gateway counts them, looked at without spending one (SPEC D-5, GATEWAY 7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from flask import Flask, current_app

from shared import queue
from shared.config import Settings
from shared.models import Contract
from shared.rates.limits import MOST_CALLS, Limit
from shared.rates.windows import RateWindows, connect

WINDOWS = (("per_minute", "Minute", 60), ("per_hour", "Hour", 3_600), ("per_day", "Day", 86_400))


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Accepted calls in one moving window; ``limit`` and ``remaining`` are None where no limit is set."""

    label: str
    made: int
    limit: int | None
    remaining: int | None


def register(app: Flask, settings: Settings) -> None:
    """Give ``app`` its one view of the windows; it shares the process' breaker for Redis."""
    app.extensions["rate_windows"] = RateWindows(
        connect(settings.redis_url), log=structlog.get_logger(), circuit=queue.circuit_of(app)
    )


def limits_of(contract: Contract) -> dict[str, int | None]:
    """Return the limits of a contract by the names of its fields."""
    return {name: getattr(contract, name) for name, _, _ in WINDOWS}


def look(contract_id: uuid.UUID, limits: dict[str, int | None]) -> Sequence[Calls] | None:
    """Return calls made and remaining per window, or None while Redis does not answer; nothing is spent.

    Asks Redis for at most 0.4 s: call it outside any transaction. Calls of a contract without any limit are
    not counted, which gives no windows. A window without a limit is counted up to 100 000 calls.
    """
    if not any(limits.values()):
        return ()
    windows: RateWindows = current_app.extensions["rate_windows"]
    asked = [Limit(label, limits[name] or MOST_CALLS, seconds) for name, label, seconds in WINDOWS]
    decision = windows.peek(str(contract_id), asked)
    if not decision.shared:
        return None
    return [
        Calls(
            label=window.limit.name,
            made=window.limit.quota - window.remaining,
            limit=limits[name],
            remaining=window.remaining if limits[name] else None,
        )
        for (name, _, _), window in zip(WINDOWS, decision.windows, strict=True)
    ]
