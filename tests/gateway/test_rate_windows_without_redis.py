"""Rate windows when Redis is empty, frozen, killed or something else: calm, and back by themselves (GATEWAY 7)."""

import threading
import time
from collections.abc import Sequence
from statistics import median

from redis import Redis
from structlog.testing import LogCapture

from shared.rates.limits import Decision, Limit
from shared.rates.windows import REST_SECONDS, TIMEOUT_SECONDS, RateWindows, key_of
from tests.gateway.own_valkey import OwnValkey, seconds_of, windows_at


def test_a_flush_empties_the_windows_and_no_more(own_valkey: OwnValkey, logged: LogCapture) -> None:
    windows, limits = windows_at(own_valkey.url, logged), [Limit("a", 1, 60)]
    assert [windows.spend("c", limits).admitted for _ in range(2)] == [True, False]
    with Redis.from_url(own_valkey.url) as client:
        client.script_flush()
        assert not windows.spend("c", limits).admitted
        client.flushall()
    assert windows.spend("c", limits).admitted
    assert not windows.spend("c", limits).admitted
    assert logged.entries == []


def test_a_frozen_redis_delays_one_call_per_rest(own_valkey: OwnValkey, logged: LogCapture) -> None:
    windows, limits = windows_at(own_valkey.url, logged, rest_seconds=1), [Limit("a", 1_000, 60)]
    assert windows.spend("c", limits).shared
    own_valkey.freeze()
    first, others = [], []
    for _ in range(3):
        delays = [away(windows, limits) for _ in range(50)]
        first.append(delays[0])
        others.extend(delays[1:])
        time.sleep(1)
    print(f"frozen: {max(first):.3f} s once per rest, {max(others) * 1_000:.2f} ms else")
    assert min(first) > 0.3
    assert median(first) <= 0.5  # one may meet a stall of the machine itself
    assert median(others) < 0.001
    assert max(others) < 0.3
    own_valkey.thaw()
    time.sleep(1)
    assert windows.spend("c", limits).shared
    assert [entry["log_level"] for entry in logged.entries] == ["warning", "info"]
    assert logged.entries[0]["cause"] == "TimeoutError"


def test_a_redis_frozen_from_the_start_delays_no_longer(own_valkey: OwnValkey, logged: LogCapture) -> None:
    own_valkey.freeze()
    strangers = [windows_at(own_valkey.url, logged) for _ in range(3)]
    assert median(away(windows, [Limit("a", 1, 60)]) for windows in strangers) <= 0.5
    own_valkey.thaw()
    assert (REST_SECONDS, TIMEOUT_SECONDS) == (5, 0.4)


def test_a_frozen_redis_delays_one_thread_once_it_is_known(own_valkey: OwnValkey, logged: LogCapture) -> None:
    windows, limits = windows_at(own_valkey.url, logged, rest_seconds=1), [Limit("a", 1_000, 60)]
    own_valkey.freeze()
    away(windows, limits)
    time.sleep(1)
    delays: list[float] = []
    threads = [threading.Thread(target=lambda: delays.append(away(windows, limits))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own_valkey.thaw()
    assert (len(delays), sum(delay > 0.3 for delay in delays)) == (8, 1)


def test_a_killed_redis_delays_nobody_and_its_return_shows(own_valkey: OwnValkey, logged: LogCapture) -> None:
    windows, limits = windows_at(own_valkey.url, logged, rest_seconds=0.2), [Limit("a", 3, 60)]
    assert windows.spend("c", limits).shared
    own_valkey.kill()
    decisions: list[Decision] = []
    assert seconds_of(lambda: decisions.extend(windows.spend("c", limits) for _ in range(5))) < 0.2
    assert [decision.admitted for decision in decisions] == [True, True, True, False, False]
    assert not any(decision.shared for decision in decisions)
    own_valkey.start()
    time.sleep(0.2)
    assert windows.spend("c", limits).shared
    assert [entry["event"] for entry in logged.entries] == [
        "rate_windows.counted_per_process",
        "rate_windows.counted_in_redis",
    ]


def test_a_redis_with_another_answer_is_as_good_as_gone(
    redis_url: str,
    logged: LogCapture,
) -> None:
    with Redis.from_url(redis_url) as client:
        client.set(key_of("odd"), "not a list")
    assert windows_at(redis_url, logged).spend("odd", [Limit("a", 1, 60)]).admitted
    assert [entry["cause"] for entry in logged.entries] == ["ResponseError"]


def away(windows: RateWindows, limits: Sequence[Limit]) -> float:
    """Spend one call while Redis is away and return the seconds it took."""
    decisions: list[Decision] = []
    seconds = seconds_of(lambda: decisions.append(windows.spend("c", limits)))
    assert (decisions[0].admitted, decisions[0].shared) == (True, False)
    return seconds
