"""The values of rate limiting: limits, and what a decision found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_CALLS = 100_000
LONGEST_SECONDS = 86_400
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Limit:
    """At most ``quota`` accepted calls in any stretch of ``seconds``."""

    name: str
    quota: int
    seconds: int

    def __post_init__(self) -> None:
        if not (1 <= self.quota <= MOST_CALLS and 1 <= self.seconds <= LONGEST_SECONDS):
            raise ValueError(f"A limit is 1 to {MOST_CALLS} calls in 1 to {LONGEST_SECONDS} seconds.")


@dataclass(frozen=True)
class Window:
    """A limit as a decision left it: calls that remain, and seconds until the oldest counted call leaves."""

    limit: Limit
    remaining: int
    reset_seconds: int


@dataclass(frozen=True)
class Decision:
    """Whether a call is admitted; ``retry_after`` is in whole seconds, None when admitted.

    ``at`` is the time of the decision in microseconds: on Redis' clock when ``shared`` by all processes, else
    on the monotonic clock of this one.
    """

    admitted: bool
    windows: tuple[Window, ...] = ()
    retry_after: int | None = None
    at: int = 0
    shared: bool = True


class Reading(NamedTuple):
    """What a store found: the time in microseconds, and per limit its calls and the oldest of them (or 0)."""

    admitted: bool
    at: int
    windows: list[tuple[int, int]]


def contract_limits(
    *,
    per_minute: int | None = None,
    per_hour: int | None = None,
    per_day: int | None = None,
) -> tuple[Limit, ...]:
    """Return the limits a contract has set, shortest window first; each may be absent (SPEC 2)."""
    quotas = (("minute", per_minute, 60), ("hour", per_hour, 3_600), ("day", per_day, 86_400))
    return tuple(Limit(name, quota, seconds) for name, quota, seconds in quotas if quota is not None)


def decide(limits: Sequence[Limit], reading: Reading, *, spent: bool, shared: bool) -> Decision:
    """Turn a store's reading into a decision (GATEWAY 7).

    Seconds are rounded up, so that waiting ``retry_after`` is enough and one second less never is.
    """
    windows = []
    for limit, (calls, oldest) in zip(limits, reading.windows, strict=True):
        counted, first = (calls + 1, oldest or reading.at) if spent else (calls, oldest)
        leaves = first + limit.seconds * MICROSECONDS - reading.at if counted else 0
        windows.append(Window(limit, limit.quota - counted, -(-leaves // MICROSECONDS)))
    waits = [window.reset_seconds for window in windows if window.remaining == 0]
    retry_after = None if reading.admitted else max(waits)
    return Decision(reading.admitted, tuple(windows), retry_after, reading.at, shared)
