"""Rate windows under processes that call at once: none is exceeded at any moment (RELIABILITY P5)."""

from collections.abc import Iterator

import pytest

from tests.gateway.rate_load import Cell, Fleet, fleet_of, measure


@pytest.fixture(scope="module")
def fleet(redis_url: str) -> Iterator[Fleet]:
    with fleet_of(4, redis_url) as ready:
        yield ready


@pytest.mark.parametrize("load", [0.9, 1, 2])
@pytest.mark.parametrize(("processes", "quota", "seconds"), [(1, 10, 2), (2, 100, 1), (4, 1_000, 1)])
def test_no_moving_window_is_exceeded(
    fleet: Fleet,
    processes: int,
    quota: int,
    seconds: int,
    load: float,
) -> None:
    figures = measure(fleet, Cell(processes, quota, seconds, load))
    assert figures.most <= quota
    assert figures.unjustified == 0
    assert figures.outside == 0
    assert load >= 1 or figures.admitted >= 0.99


def test_fixed_windows_would_be_caught(fleet: Fleet) -> None:
    """The negative control of P5: the naive way fails the same check."""
    figures = measure(fleet, Cell(4, 100, 1, 2, variant="fixed"))
    assert figures.most > 150
