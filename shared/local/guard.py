"""The guardian: a parent above the supervisor that ends what it leaves behind, however it dies."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil

from shared.local import lifeline

if TYPE_CHECKING:
    from types import FrameType

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a process


def guard(*, patience_seconds: float = 10.0) -> None:
    """Split this process in two: the child returns and goes on, the parent watches it and never returns.

    The first SIGINT or SIGTERM raises KeyboardInterrupt in the child, later ones are ignored, so that
    cleaning up is not cut short. If the child is killed, the parent ends all its descendants, the unwilling after
    ``patience_seconds``. If the parent is killed, the kernel sends the child a SIGTERM; if both are, it signals
    each process that is tied to the child. Call this before any thread is started.
    """
    lifeline.adopt_orphans()
    guardian = os.getpid()
    supervisor = os.fork()
    if supervisor:
        os._exit(_watch(supervisor, patience_seconds))
    os.setpgid(0, 0)  # Ctrl-C reaches the guardian alone, which passes it on once
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    lifeline.die_with(guardian, signal.SIGTERM)


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _watch(supervisor: int, patience_seconds: float) -> int:
    def pass_on(_signum: int, _frame: FrameType | None) -> None:
        os.kill(supervisor, signal.SIGTERM)

    for stop_signal in _PASSED_ON:
        signal.signal(stop_signal, pass_on)
    status = _wait_for(supervisor)
    for stop_signal in _PASSED_ON:
        signal.signal(stop_signal, signal.SIG_IGN)
    # SIGKILL twice: the first may make orphans that only then become ours.
    kill = (signal.SIGKILL, 1.0)
    lifeline.end(_descendants, [(signal.SIGTERM, patience_seconds), kill, kill])
    return status if status >= 0 else _SIGNALLED - status


def _wait_for(supervisor: int) -> int:
    while True:
        ended, status = os.waitpid(-1, 0)  # orphans come here to be buried
        if ended == supervisor:
            return os.waitstatus_to_exitcode(status)


def _descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)
