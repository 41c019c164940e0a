"""What a caller is told about its limits, letter by letter."""

import pytest

from gateway_app.rate_headers import rate_limit_headers
from shared.rates.limits import (
    Decision,
    Limit,
    Reading,
    Window,
    contract_limits,
    decide,
)

MINUTE, HOUR = Limit("minute", 10, 60), Limit("hour", 100, 3_600)


@pytest.mark.parametrize(("quota", "seconds"), [(0, 60), (-1, 60), (100_001, 60), (1, 0), (1, 86_401)])
def test_a_limit_out_of_range_is_refused(quota: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="A limit is 1 to 100000 calls"):
        Limit("minute", quota, seconds)


def test_only_the_limits_that_are_set_count_shortest_first() -> None:
    assert contract_limits() == ()
    assert contract_limits(per_hour=100, per_minute=10) == (MINUTE, HOUR)
    assert contract_limits(per_day=100_000) == (Limit("day", 100_000, 86_400),)


def test_an_admitted_call_is_told_what_remains() -> None:
    decision = Decision(admitted=True, windows=(Window(MINUTE, 7, 41), Window(HOUR, 0, 3_600)))
    assert rate_limit_headers(decision) == {
        "RateLimit-Policy": '"minute";q=10;w=60, "hour";q=100;w=3600',
        "RateLimit": '"minute";r=7;t=41, "hour";r=0;t=3600',
    }


def test_a_refused_call_is_told_that_nothing_remains() -> None:
    decision = Decision(admitted=False, windows=(Window(MINUTE, 0, 41),), retry_after=41)
    assert rate_limit_headers(decision) == {
        "RateLimit-Policy": '"minute";q=10;w=60',
        "RateLimit": '"minute";r=0;t=41',
    }


def test_without_limits_there_is_nothing_to_tell() -> None:
    assert rate_limit_headers(Decision(admitted=True)) == {}


def test_the_longest_wait_decides_and_parts_of_a_second_count_whole() -> None:
    now = 10_000_000_000
    reading = Reading(admitted=False, at=now, windows=[(10, now - 59_999_999), (100, now - 3_598_000_000)])
    decision = decide((MINUTE, HOUR), reading, spent=False, shared=True)
    assert [window.reset_seconds for window in decision.windows] == [1, 2]
    assert decision.retry_after == 2


def test_the_call_just_spent_is_among_those_counted() -> None:
    decision = decide((MINUTE,), Reading(admitted=True, at=5, windows=[(0, 0)]), spent=True, shared=True)
    assert decision.windows == (Window(MINUTE, 9, 60),)
