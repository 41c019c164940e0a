"""Running the lines of a Procfile on one machine: started, kept running, and stopped together."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from honcho.environ import parse_procfile

from shared.local import ready
from shared.local.child import Backoff, Child
from shared.local.voices import Voices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

STOP_SECONDS = 10.0
# How late a death, a signal or readiness may be noticed.
_TICK_SECONDS = 0.1
_LOOK_SECONDS = 0.25
_NOT_PROCESSES = {"release"}
_NAME = "local"


def read_procfile(path: Path) -> dict[str, str]:
    """Return command by process name, without the release command. Each line must be one plain command."""
    lines = path.read_text(encoding="utf-8")
    commands: Mapping[str, str] = parse_procfile(lines).processes  # type: ignore[no-untyped-call]
    return {name: command for name, command in commands.items() if name not in _NOT_PROCESSES}


def run(
    commands: Mapping[str, str],
    *,
    environments: Mapping[str, Mapping[str, str]],
    ready_urls: Sequence[str] = (),
    on_ready: Callable[[], None] = lambda: None,
    tend: Callable[[Callable[[str], None]], None] = lambda _say: None,
    output: TextIO = sys.stdout,
    backoff: Backoff | None = None,
    stop_seconds: float = STOP_SECONDS,
) -> None:
    """Run ``commands`` until SIGINT or SIGTERM, each with exactly its environment; start again what dies.

    ``on_ready`` is called once, when all ``ready_urls`` answer 200. ``tend`` is called in every round, for what
    else must be kept running; it speaks through the function it is given. What either raises ends the run and is
    passed on. At the end every process group gets SIGTERM and, after ``stop_seconds``, SIGKILL. Call it in the
    main thread.
    """
    voices = Voices(output, list(commands))
    children = [Child(name, command, environments[name], backoff or Backoff()) for name, command in commands.items()]
    readiness = _Readiness(ready_urls, on_ready)
    with contextlib.closing(voices), _stop_requests() as stop:
        try:
            while not stop.wanted:
                for child in children:
                    child.keep_running(voices)
                voices.relay(_TICK_SECONDS)
                readiness.check()
                tend(lambda sentence: voices.say(_NAME, sentence))
        finally:
            _stop(children, voices, stop_seconds)


@dataclass
class _Readiness:
    urls: Sequence[str]
    on_ready: Callable[[], None]
    reached: bool = False
    next_look_at: float = 0.0

    def check(self) -> None:
        if self.reached or time.monotonic() < self.next_look_at:
            return
        self.next_look_at = time.monotonic() + _LOOK_SECONDS
        if all(map(ready.answers, self.urls)):
            self.reached = True
            self.on_ready()


@dataclass
class _Stop:
    wanted: bool = False


@contextlib.contextmanager
def _stop_requests() -> Iterator[_Stop]:
    stop = _Stop()

    def note(_signum: int, _frame: FrameType | None) -> None:
        stop.wanted = True

    earlier = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        # After a request the signals stay noted and without effect: the servers below us still have to be
        # stopped.
        if not stop.wanted:
            for number, handler in earlier.items():
                signal.signal(number, handler)


def _stop(children: Sequence[Child], voices: Voices, stop_seconds: float) -> None:
    for number, patience_seconds in ((signal.SIGTERM, stop_seconds), (signal.SIGKILL, 1.0)):
        deadline = time.monotonic() + patience_seconds
        remaining = [child for child in children if not child.is_gone()]
        for child in remaining:
            if number is signal.SIGKILL:
                voices.say(child.name, f"did not stop within {stop_seconds:g} s; killed.")
            child.send(number)
        while not all(child.is_gone() for child in remaining) and time.monotonic() < deadline:
            voices.relay(_TICK_SECONDS)
