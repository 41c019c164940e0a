"""A contract's moving windows counted in this process alone, for as long as Redis is away (GATEWAY 7)."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence

from shared.rates.limits import LONGEST_SECONDS, MICROSECONDS, MOST_CALLS, Limit, Reading


class LocalWindows:
    """Decides like ``windows.lua`` over lists in memory, oldest call first; safe between threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._calls: dict[str, list[int]] = {}  # the contract called last is last

    def read(self, contract_id: str, limits: Sequence[Limit], *, now: int | None, spend: bool) -> Reading:
        """Decide one call at ``now`` microseconds, or by the monotonic clock, and count it if ``spend``."""
        with self._lock:
            at = round(self._monotonic() * MICROSECONDS) if now is None else now
            calls = _not_later(at, self._calls.pop(contract_id, []))
            windows = [_count(calls, limit, at) for limit in limits]
            admitted = all(count < limit.quota for limit, (count, _) in zip(limits, windows, strict=True))
            if spend and admitted:
                calls.append(at)
            self._remember(contract_id, calls, at)
        return Reading(admitted, at, windows)

    def forget(self, contract_id: str) -> None:
        """Let go of every call of a contract."""
        with self._lock:
            self._calls.pop(contract_id, None)

    def _remember(self, contract_id: str, calls: list[int], at: int) -> None:
        """Keep what some window may still need, and let go of one contract that has been quiet for a day."""
        start = at - LONGEST_SECONDS * MICROSECONDS
        del calls[: max(bisect_right(calls, start), len(calls) - MOST_CALLS)]
        if calls:
            self._calls[contract_id] = calls
        quietest = next(iter(self._calls), contract_id)
        if self._calls.get(quietest, [at])[-1] <= start:
            del self._calls[quietest]


def _not_later(at: int, calls: list[int]) -> list[int]:
    """Return ``calls`` moved back with a clock that was set back, else as they are."""
    ahead = max(calls[-1] - at, 0) if calls else 0
    return [call - ahead for call in calls] if ahead else calls


def _count(calls: list[int], limit: Limit, at: int) -> tuple[int, int]:
    """Return how many of ``calls``, up to the quota, lie in the window, and the oldest of those (or 0)."""
    inside = len(calls) - bisect_right(calls, at - limit.seconds * MICROSECONDS)
    count = min(inside, limit.quota)
    return count, calls[-count] if count else 0
