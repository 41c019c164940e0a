"""Load on rate windows from several processes, and the check that no moving window was exceeded (P5).

Run as a script it is one of the processes: it reads stints as lines of JSON and answers each with its calls.
"""

import contextlib
import json
import subprocess
import sys
import time
import uuid
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import redis
import structlog

from shared.rates.limits import Limit
from shared.rates.windows import RateWindows, connect

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Cell:
    """One experiment: so many processes together offer ``load`` times the quota, evenly spread."""

    processes: int
    quota: int
    seconds: int
    load: float
    windows: float = 2.2
    variant: str = "moving"


class Call(NamedTuple):
    """One decision; times in microseconds, ``at`` on the clock that decided, the others on the caller's."""

    before: int
    at: int
    after: int
    admitted: bool


class Fleet:
    """Processes that stay ready between experiments, because starting one takes longer than a window."""

    def __init__(self, size: int, url: str) -> None:
        command = [sys.executable, "-W", "error", __file__, url]
        self._members = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(size)
        ]
        for member in self._members:
            assert member.stdout is not None
            assert member.stdout.readline() == "ready\n"

    def run(self, cell: Cell) -> list[Call]:
        """Run one experiment on a contract of its own and return its calls by time."""
        crew = self._members[: cell.processes]
        stint = {**asdict(cell), "contract": str(uuid.uuid4()), "start": _worst_phase(cell.seconds)}
        for number, member in enumerate(crew):
            assert member.stdin is not None
            member.stdin.write(json.dumps({**stint, "number": number}) + "\n")
            member.stdin.flush()
        calls = [Call(*call) for member in crew for call in json.loads(_line(member))]
        return sorted(calls, key=lambda call: call.at)

    def close(self) -> None:
        for member in self._members:
            member.communicate()


@contextlib.contextmanager
def fleet_of(size: int, url: str) -> Iterator[Fleet]:
    """Give a fleet and see it off."""
    fleet = Fleet(size, url)
    try:
        yield fleet
    finally:
        fleet.close()


def most_in_a_window(times: Iterable[int], seconds: int) -> int:
    """Return the largest number of ``times``, in microseconds and in order, inside any moving window."""
    inside: deque[int] = deque()
    most = 0
    for at in times:
        inside.append(at)
        while inside[0] <= at - seconds * MICROSECONDS:
            inside.popleft()
        most = max(most, len(inside))
    return most


def unjustified_refusals(calls: Sequence[Call], quota: int, seconds: int) -> int:
    """Return how many calls were refused although fewer than ``quota`` lay in the window before them."""
    admitted = [call.at for call in calls if call.admitted]
    return sum(
        bisect_right(admitted, call.at) - bisect_right(admitted, call.at - seconds * MICROSECONDS) < quota
        for call in calls
        if not call.admitted
    )


@dataclass(frozen=True)
class Figures:
    """What an experiment showed; ``offered`` and ``most`` are per window."""

    cell: Cell
    calls: int
    offered: int
    most: int
    admitted: float
    unjustified: int
    outside: int

    def __str__(self) -> str:
        cell = self.cell
        return (
            f"P5 {cell.variant} {cell.processes} processes {cell.quota:4}/{cell.seconds} s load {cell.load}: "
            f"{self.calls:5} calls, {self.admitted:6.1%} admitted, at most {self.most} in a window "
            f"({self.offered} offered), {self.unjustified} refused without cause"
        )


def figures_of(cell: Cell, calls: Sequence[Call]) -> Figures:
    """Judge the calls of an experiment."""
    admitted = [call.at for call in calls if call.admitted]
    slack = 2_000  # microseconds; both clocks are this machine's
    return Figures(
        cell,
        len(calls),
        most_in_a_window((call.at for call in calls), cell.seconds),
        most_in_a_window(admitted, cell.seconds),
        len(admitted) / len(calls),
        unjustified_refusals(calls, cell.quota, cell.seconds),
        sum(not call.before - slack <= call.at <= call.after + slack for call in calls),
    )


def measure(fleet: Fleet, cell: Cell) -> Figures:
    """Run an experiment; again, up to twice, when a stalled machine bunched a load that should fit."""
    for _ in range(3):
        figures = figures_of(cell, fleet.run(cell))
        if cell.load >= 1 or figures.offered <= cell.quota:
            break
    print(figures)
    return figures


def _worst_phase(seconds: int) -> float:
    """Return a start halfway between two multiples of the window, where fixed windows let twice through."""
    return (time.time() // seconds + 1.5) * seconds


def _line(member: "subprocess.Popen[str]") -> str:
    assert member.stdout is not None
    return member.stdout.readline()


def _moving(client: redis.Redis, contract: str, limit: Limit) -> Callable[[], tuple[int, bool]]:
    windows = RateWindows(client, log=structlog.wrap_logger(structlog.PrintLogger(sys.stderr)))

    def decide() -> tuple[int, bool]:
        decision = windows.spend(contract, [limit])
        assert decision.shared
        return decision.at, decision.admitted

    return decide


def _fixed(client: redis.Redis, contract: str, limit: Limit) -> Callable[[], tuple[int, bool]]:
    """Count by windows that start at multiples of their length: the naive way, which the check must catch."""

    def decide() -> tuple[int, bool]:
        at = time.time_ns() // 1_000
        key = f"naive:{contract}:{at // (limit.seconds * MICROSECONDS)}"
        count, _ = client.pipeline().incr(key).expire(key, limit.seconds).execute()
        return at, count <= limit.quota

    return decide


def _work(decide: Callable[[], tuple[int, bool]], cell: Cell, start: float, number: int) -> list[Call]:
    """Call at this process' places on a common grid; a place that was missed is left out, not made up."""
    calls = []
    step = cell.seconds / (cell.quota * cell.load)
    place = number
    while place * step < cell.windows * cell.seconds:
        time.sleep(max(start + place * step - time.time(), 0))
        before = time.time_ns() // 1_000
        at, admitted = decide()
        calls.append(Call(before, at, time.time_ns() // 1_000, admitted))
        missed = (time.time() - start) / step - place
        place += cell.processes * max(1, int(missed // cell.processes) + 1)
    return calls


def main(url: str) -> None:
    """Answer stints until there are no more."""
    client = connect(url)
    client.ping()
    print("ready", flush=True)
    for line in sys.stdin:
        stint = json.loads(line)
        contract, start, number = stint.pop("contract"), stint.pop("start"), stint.pop("number")
        cell = Cell(**stint)
        way = _moving if cell.variant == "moving" else _fixed
        decide = way(client, contract, Limit("window", cell.quota, cell.seconds))
        print(json.dumps(_work(decide, cell, start, number)), flush=True)
    client.close()


if __name__ == "__main__":
    main(sys.argv[1])
