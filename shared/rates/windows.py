"""A contract's moving windows, shared by all processes through Redis and counted here while Redis is away."""

import time
from collections.abc import Callable, Sequence
from importlib.resources import files

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from structlog.typing import FilteringBoundLogger

from shared.circuit import Circuit
from shared.rates.limits import (
    LONGEST_SECONDS,
    MICROSECONDS,
    MOST_CALLS,
    Decision,
    Limit,
    Reading,
    decide,
)
from shared.rates.local import LocalWindows

TIMEOUT_SECONDS = 0.4  # a frozen Redis may delay a call by 0.5 s; the rest is for everything else
REST_SECONDS = 5.0
SCRIPT = files(__package__).joinpath("windows.lua").read_text("utf-8")


def connect(url: str) -> Redis:
    """Return a client that gives up after 0.4 s and never tries twice, as a web process needs it."""
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def key_of(contract_id: str) -> str:
    """Return the Redis key under which the accepted calls of a contract are kept."""
    return f"contract-calls:{contract_id}"


class RateWindows:
    """Decides calls under the limits given with each; one instance per process (GATEWAY 7).

    Every accepted call of a day is remembered, whatever the limits were, up to the largest limit there can
    be: an edit of the limits meets the history it would have had from the start.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        log: FilteringBoundLogger,
        monotonic: Callable[[], float] = time.monotonic,
        rest_seconds: float = REST_SECONDS,
        circuit: Circuit | None = None,
    ) -> None:
        self._redis = redis
        self._script = redis.register_script(SCRIPT)
        self._log = log
        self._local = LocalWindows(monotonic)
        self._circuit = circuit or Circuit(rest_seconds=rest_seconds, monotonic=monotonic)
        self._counts_alone = False

    def spend(self, contract_id: str, limits: Sequence[Limit], *, now: float | None = None) -> Decision:
        """Admit and count one call, or refuse it and count nothing; all windows are looked at before.

        ``now`` in seconds replaces the clock, for tests. Raises nothing when Redis is gone, frozen or broken.
        """
        return self._decide(contract_id, limits, now, spend=True)

    def peek(self, contract_id: str, limits: Sequence[Limit], *, now: float | None = None) -> Decision:
        """Tell what :meth:`spend` would decide, and count nothing."""
        return self._decide(contract_id, limits, now, spend=False)

    def forget(self, contract_id: str) -> bool:
        """Let go of every call of a contract; tell whether Redis did so. What it kept goes by itself after a day.

        Raises nothing when Redis is gone, frozen or broken (SPEC C-13).
        """
        self._local.forget(contract_id)
        if not self._circuit.may_try():
            return False
        try:
            self._redis.delete(key_of(contract_id))
        except RedisError:
            self._circuit.record_failure()
            return False
        self._circuit.record_success()
        return True

    def _decide(
        self,
        contract_id: str,
        limits: Sequence[Limit],
        now: float | None,
        *,
        spend: bool,
    ) -> Decision:
        if not limits:
            return Decision(admitted=True)
        at = None if now is None else round(now * MICROSECONDS)
        shared = self._read_shared(contract_id, limits, at, spend=spend)
        reading = shared or self._local.read(contract_id, limits, now=at, spend=spend)
        return decide(limits, reading, spent=spend and reading.admitted, shared=shared is not None)

    def _read_shared(
        self,
        contract_id: str,
        limits: Sequence[Limit],
        at: int | None,
        *,
        spend: bool,
    ) -> Reading | None:
        """Return what Redis says, or None when it does not answer in time, cannot, or is not asked for a while."""
        if not self._circuit.may_try():
            self._tell(alone=True, cause="another call found Redis away")
            return None
        windows = [number for limit in limits for number in (limit.quota, limit.seconds * MICROSECONDS)]
        head = ["" if at is None else at, int(spend), LONGEST_SECONDS * MICROSECONDS, MOST_CALLS]
        try:
            admitted, time_, *found = self._script([key_of(contract_id)], [*head, *windows])
        except RedisError as error:
            self._circuit.record_failure()
            self._tell(alone=True, cause=type(error).__name__)
            return None
        self._circuit.record_success()
        self._tell(alone=False)
        return Reading(bool(admitted), time_, list(zip(found[::2], found[1::2], strict=True)))

    def _tell(self, *, alone: bool, cause: str = "") -> None:
        """Log once that calls are counted here, and once that Redis counts them again."""
        if alone == self._counts_alone:
            return
        self._counts_alone = alone
        if alone:
            self._log.warning("rate_windows.counted_per_process", cause=cause)
        else:
            self._log.info("rate_windows.counted_in_redis")
