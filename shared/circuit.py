"""A circuit breaker: after a failure nobody asks again for a while, and then one caller tries for all."""

import threading
from collections.abc import Callable


class Circuit:
    """Open after a failure for ``rest_seconds``, then lets one try through per rest until one succeeds."""

    def __init__(self, *, rest_seconds: float, monotonic: Callable[[], float]) -> None:
        self._rest_seconds = rest_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_try: float | None = None  # None while closed

    def may_try(self) -> bool:
        """Tell whether this caller may ask; while open, true for one caller per rest."""
        with self._lock:
            if self._next_try is None:
                return True
            if self._monotonic() < self._next_try:
                return False
            self._rest()
        return True

    def record_failure(self) -> bool:
        """Open, or stay open; return whether it was closed before."""
        with self._lock:
            opened = self._next_try is None
            self._rest()
        return opened

    def record_success(self) -> bool:
        """Close, or stay closed; return whether it was open before."""
        with self._lock:
            closed = self._next_try is not None
            self._next_try = None
        return closed

    def _rest(self) -> None:
        self._next_try = self._monotonic() + self._rest_seconds
