"""Rate windows: equal to brute force and true to their Retry-After, in Redis and in one process."""

import random
import threading
import time
import uuid
from collections.abc import Iterator, Sequence

import pytest
from redis import Redis
from structlog.testing import LogCapture

from shared.rates.limits import MOST_CALLS, Decision, Limit
from shared.rates.windows import RateWindows, key_of
from tests.gateway.own_valkey import free_port, seconds_of, windows_at

SECOND = 1_000_000
START = 1_790_000_000.0


class BruteForce:
    """The same promise without cleverness: every accepted call is kept, every question counts them all."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def decide(
        self,
        limits: Sequence[Limit],
        now: int,
        *,
        spend: bool,
    ) -> tuple[bool, list[tuple[int, int]], int | None]:
        behind = max([call - now for call in self.calls if call > now], default=0)
        self.calls = [call - behind for call in self.calls]
        admitted = self.fits(limits, now)
        if admitted and spend:
            self.calls.append(now)
        windows = [self.state(limit, now) for limit in limits]
        return admitted, windows, None if admitted else self.wait(limits, now)

    def count(self, limit: Limit, now: int) -> int:
        return sum(now - limit.seconds * SECOND < call for call in self.calls)

    def fits(self, limits: Sequence[Limit], now: int) -> bool:
        return all(self.count(limit, now) < limit.quota for limit in limits)

    def whole_seconds(self, limits: Sequence[Limit], now: int) -> list[int]:
        leaves = [call + limit.seconds * SECOND - now for limit in limits for call in self.calls]
        return sorted({-(-left // SECOND) for left in leaves if left > 0})

    def wait(self, limits: Sequence[Limit], now: int) -> int:
        return next(s for s in self.whole_seconds(limits, now) if self.fits(limits, now + s * SECOND))

    def state(self, limit: Limit, now: int) -> tuple[int, int]:
        count = min(self.count(limit, now), limit.quota)
        waits = (s for s in self.whole_seconds([limit], now) if self.count(limit, now + s * SECOND) < count)
        return limit.quota - count, next(waits) if count else 0


@pytest.fixture
def shared(redis_url: str, logged: LogCapture) -> Iterator[RateWindows]:
    yield windows_at(redis_url, logged)
    assert logged.entries == []


@pytest.fixture
def local(logged: LogCapture) -> RateWindows:
    windows = windows_at(f"redis://127.0.0.1:{free_port()}/0", logged, rest_seconds=3_600)
    assert not windows.spend("any", [Limit("a", 1, 1)]).shared
    return windows


@pytest.fixture(params=["shared", "local"])
def windows(request: pytest.FixtureRequest) -> RateWindows:
    found: RateWindows = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def contract() -> str:
    return str(uuid.uuid4())


def some_limits(dice: random.Random) -> list[Limit]:
    lengths = dice.sample([1, 2, 5, 30, 3_600, 86_400], dice.randint(1, 3))
    return [Limit(f"w{seconds}", dice.choice([1, 2, 3, 5, 8, 20]), seconds) for seconds in sorted(lengths)]


def some_pause(dice: random.Random, limits: Sequence[Limit]) -> int:
    edge = dice.choice(limits).seconds * SECOND
    pauses = [0, 1, dice.randint(0, SECOND), SECOND, edge - 1, edge, edge + 1, dice.randint(0, 2 * edge)]
    return dice.choices(pauses, weights=[6, 6, 12, 3, 1, 1, 1, 1])[0]


@pytest.mark.parametrize("seed", range(10))
def test_decisions_equal_brute_force_through_edits_and_clock_jumps(
    windows: RateWindows,
    contract: str,
    seed: int,
) -> None:
    dice, model, now = random.Random(seed), BruteForce(), round(START * SECOND)  # noqa: S311
    limits = some_limits(dice)
    for step in range(600):
        if step % 25 == 24:
            limits = some_limits(dice)
        now += some_pause(dice, limits) if dice.random() > 0.01 else -dice.randint(1, 100 * SECOND)
        spend = dice.random() < 0.8
        decision = (windows.spend if spend else windows.peek)(contract, limits, now=now / SECOND)
        found = [(window.remaining, window.reset_seconds) for window in decision.windows]
        assert (decision.admitted, found, decision.retry_after) == model.decide(limits, now, spend=spend)
        assert decision.at == now


def test_retry_after_is_enough_and_one_second_less_never_is(windows: RateWindows, contract: str) -> None:
    dice, now, refusals, early, late = random.Random(6), START, 0, 0, 0  # noqa: S311
    limits = some_limits(dice)
    for _ in range(100_000):  # enough by far, and a limiter that never refuses ends too
        if refusals == 1_000:
            break
        now += some_pause(dice, limits) / SECOND / 10
        refusal = windows.spend(contract, limits, now=now)
        if refusal.retry_after is None:
            continue
        refusals += 1
        early += windows.spend(contract, limits, now=now + refusal.retry_after - 1).admitted
        now += refusal.retry_after
        late += windows.spend(contract, limits, now=now).admitted
        if refusals % 20 == 0:
            limits = some_limits(dice)
    print(f"P6 after Retry-After {late}/{refusals} pass, one second before {early}")
    assert (early, late) == (0, 1_000)


def test_rounding_down_would_come_back_too_early(shared: RateWindows, contract: str) -> None:
    """The negative control of P6: what a limiter that truncates tells is a second refusal."""
    limits = [Limit("a", 1, 10)]
    shared.spend(contract, limits, now=START)
    refusal = shared.spend(contract, limits, now=START + 0.5)
    assert refusal.retry_after == 10
    assert not shared.spend(contract, limits, now=START + 0.5 + int(9.5)).admitted


def test_retry_after_holds_on_the_real_clock(shared: RateWindows, contract: str) -> None:
    limits = [Limit("a", 2, 1)]
    for _ in range(2):
        while (refusal := shared.spend(contract, limits)).retry_after is None:
            time.sleep(0.13)
        assert refusal.retry_after == 1
        time.sleep(refusal.retry_after)
        assert shared.spend(contract, limits).admitted


def test_a_refusal_by_one_window_spends_none(windows: RateWindows, contract: str) -> None:
    limits = [Limit("short", 2, 10), Limit("long", 1, 60)]
    assert windows.spend(contract, limits, now=START).admitted
    for _ in range(5):
        refusal = windows.spend(contract, limits, now=START + 1)
        assert (refusal.admitted, refusal.windows[0].remaining) == (False, 1)


def test_a_new_limit_meets_the_calls_of_before(windows: RateWindows, contract: str) -> None:
    for second in range(6):
        assert windows.spend(contract, [Limit("minute", 2, 2)], now=START + second).admitted
    hour = windows.peek(contract, [Limit("hour", 10, 3_600)], now=START + 6)
    assert hour.windows[0].remaining == 4
    assert not windows.spend(contract, [Limit("hour", 5, 3_600)], now=START + 6).admitted


def test_a_peek_spends_nothing(windows: RateWindows, contract: str) -> None:
    limits = [Limit("a", 1, 10)]
    assert [windows.peek(contract, limits, now=START).admitted for _ in range(5)] == [True] * 5
    assert windows.peek(contract, limits, now=START).windows[0].reset_seconds == 0
    windows.spend(contract, limits, now=START)
    assert windows.peek(contract, limits, now=START + 9).retry_after == 1
    assert windows.peek(contract, limits, now=START + 10).retry_after is None


def test_contracts_do_not_share_windows(windows: RateWindows) -> None:
    limits = [Limit("a", 1, 10)]
    assert all(windows.spend(str(uuid.uuid4()), limits, now=START).admitted for _ in range(20))


def test_threads_together_get_exactly_the_quota(windows: RateWindows, contract: str) -> None:
    admitted: list[bool] = []

    def call() -> None:
        admitted.extend(windows.spend(contract, [Limit("day", 100, 86_400)]).admitted for _ in range(40))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(admitted), sum(admitted)) == (320, 100)


def test_without_limits_nobody_is_asked(logged: LogCapture, contract: str) -> None:
    windows = windows_at(f"redis://127.0.0.1:{free_port()}/0", logged)
    assert windows.spend(contract, ()) == windows.peek(contract, ()) == Decision(admitted=True)
    assert logged.entries == []


def test_the_largest_limits_are_exact_and_bounded(shared: RateWindows, redis_url: str, contract: str) -> None:
    limits = [Limit("minute", MOST_CALLS, 60), Limit("day", MOST_CALLS, 86_400)]
    with Redis.from_url(redis_url) as client:
        calls = [round((START + n / 2_000) * SECOND) for n in range(MOST_CALLS)]
        for chunk in range(0, MOST_CALLS, 10_000):
            client.lpush(key_of(contract), *calls[chunk : chunk + 10_000])
        refusal = shared.spend(contract, limits, now=START + 50)
        assert [window.remaining for window in refusal.windows] == [0, 0]
        assert refusal.retry_after == 86_400 - 50
        assert shared.spend(contract, limits[:1], now=START + 70).windows[0].remaining == 20_000
        assert min(seconds_of(lambda: shared.peek(contract, limits, now=START + 70)) for _ in range(9)) < 0.01
        assert client.llen(key_of(contract)) == MOST_CALLS
        assert client.memory_usage(key_of(contract), samples=0) < 1_500_000
        assert shared.spend(contract, limits, now=START + 86_400 + 60).admitted
        assert client.llen(key_of(contract)) == MOST_CALLS - 100
        assert 86_300 < client.ttl(key_of(contract)) <= 86_400


def test_memory_of_quiet_contracts_is_given_back(local: RateWindows) -> None:
    limits = [Limit("a", 1, 60)]
    for number in range(500):
        local.spend(f"c{number}", limits, now=START)
    for number in range(600):
        local.spend("busy", limits, now=START + 86_400 + number)
    assert set(local._local._calls) - {"any"} == {"busy"}  # noqa: SLF001


def test_a_forgotten_contract_starts_anew(windows: RateWindows, contract: str) -> None:
    limits = [Limit("minute", 1, 60)]
    assert [windows.spend(contract, limits, now=1_000.0).admitted for _ in range(2)] == [True, False]
    is_gone_from_redis = windows.forget(contract)
    assert is_gone_from_redis == windows.peek(contract, limits, now=1_000.0).shared
    assert windows.peek(contract, limits, now=1_000.0).windows[0].remaining == 1
    assert windows.spend(contract, limits, now=1_000.0).admitted
