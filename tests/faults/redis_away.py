"""P13: calls that go on while Redis is killed or frozen, and the verdicts on what the callers met."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared.models import Contract
from tests import running
from tests.races.wire import Answer, call, generate

JOB_EVERY = 20
DELAY, FROZEN_DELAY_MOST, REST_SECONDS = 0.25, 0.5, 5.0
SPARE = 0.1  # what a call may take by itself on a busy machine


@dataclass
class Traffic:
    """Calls of every kind to one contract, at an even pace, and all the answers by kind."""

    port: int
    contract: Contract
    key: str
    calls_a_second: int = 50
    answers: dict[str, list[Answer]] = field(default_factory=dict, repr=False)
    job: str = ""

    def one_call(self, number: int) -> None:
        """Ask for a job now and then, look at one, ping, and mostly generate."""
        if number % JOB_EVERY == 0:
            self._keep("queued", generate(self.port, self.contract.id, self.key, count=100))
        elif number % 5 == 1:
            self._keep("job", call(self.port, f"/api/v1/contracts/{self.contract.id}/jobs/{self.job}", key=self.key))
        elif number % 5 == 2:
            self._keep("ping", call(self.port, "/api/v1/ping", key=self.key))
        else:
            self._keep("immediate", generate(self.port, self.contract.id, self.key, count=1))

    def tally(self) -> dict[str, dict[int, int]]:
        """Return how often each kind of call had each status."""
        return {kind: dict(Counter(answer.status for answer in given)) for kind, given in self.answers.items()}

    def _keep(self, kind: str, answer: Answer) -> None:
        self.answers.setdefault(kind, []).append(answer)


@contextmanager
def flowing(traffic: Traffic) -> Iterator[None]:
    """Let ten callers keep up the pace inside the block."""
    on = threading.Event()
    pause = 10 / traffic.calls_a_second

    def caller(seed: int) -> None:
        due, number = time.monotonic() + pause * seed / 10, seed
        while not on.wait(max(0, due - time.monotonic())):
            due += pause
            traffic.one_call(number)
            number += 10

    threads = [threading.Thread(target=caller, args=(seed,)) for seed in range(10)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        on.set()
        for thread in threads:
            thread.join()


@contextmanager
def deployment(environ: Mapping[str, str], directory: Path) -> Iterator[tuple[int, list[int]]]:
    """Run gateway, worker and clock, the worker under a service manager; give the port and how often it rose."""
    with ExitStack() as stack:
        _, port = stack.enter_context(running.gateway(environ, directory))
        worker = stack.enter_context(running.worker(environ, directory))
        stack.enter_context(running.clock(environ, directory))
        over, rises = threading.Event(), [0]

        def manage() -> None:
            while not over.wait(0.5):
                if worker.running.poll() is not None:
                    rises[0] += 1
                    worker.start()

        manager = threading.Thread(target=manage)
        manager.start()
        stack.callback(manager.join)
        stack.callback(over.set)
        yield port, rises


def verdict(answers: Mapping[str, list[Answer]]) -> list[str]:
    """Return what was wrong with the calls made while Redis was killed."""
    fine = {"immediate": 201, "queued": 202, "job": 200, "ping": 200}
    return [
        f"{kind}: {answer.status}" for kind, given in answers.items() for answer in given if answer.status != fine[kind]
    ]


def frozen_verdict(seconds: Sequence[float], frozen_for: float) -> list[str]:
    """Return what was wrong with the waits of one caller after another at one process while Redis was frozen."""
    waits = [waited for waited in seconds if waited > DELAY]
    most = 1 + int(frozen_for / REST_SECONDS)
    wrong = [f"a call took {max(waits):.2f} s"] if waits and max(waits) > FROZEN_DELAY_MOST + SPARE else []
    return [*wrong, *([f"{len(waits)} calls were delayed in {frozen_for:.0f} s"] if len(waits) > most else [])]


def seconds_of_calls(one_call: Callable[[int], object], lasting: float) -> list[float]:
    """Make calls one after another for so long and return how long each took."""
    seconds: list[float] = []
    over = time.monotonic() + lasting
    while time.monotonic() < over:
        started = time.perf_counter()
        one_call(len(seconds))
        seconds.append(time.perf_counter() - started)
        time.sleep(0.02)
    return seconds
