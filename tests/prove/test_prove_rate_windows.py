"""P5 at full size: no moving window is exceeded, whatever the number of processes, the limit and the load."""

from collections.abc import Iterator

import pytest

from tests.gateway.rate_load import Cell, Fleet, fleet_of, measure

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def fleet(redis_url: str) -> Iterator[Fleet]:
    with fleet_of(8, redis_url) as ready:
        yield ready


@pytest.mark.parametrize("load", [0.9, 1, 2])
@pytest.mark.parametrize("quota", [10, 100, 1_000])
@pytest.mark.parametrize("processes", [1, 4, 8])
def test_no_moving_window_is_exceeded(fleet: Fleet, processes: int, quota: int, load: float) -> None:
    figures = measure(fleet, Cell(processes, quota, 2, load, windows=3.2))
    assert figures.most <= quota
    assert figures.unjustified == 0
    assert figures.outside == 0
    assert load >= 1 or figures.admitted >= 0.99


@pytest.mark.parametrize("quota", [10, 100, 1_000])
def test_fixed_windows_would_be_caught(fleet: Fleet, quota: int) -> None:
    """The negative control: the naive way fails the same check."""
    figures = measure(fleet, Cell(8, quota, 2, 2, windows=3.2, variant="fixed"))
    assert figures.most > 1.5 * quota
