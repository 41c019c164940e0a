"""One supervised process: in a group of its own, started again when it dies, ended with all its group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from shared.local import lifeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.local.voices import Voices


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a dead process is started again: doubling, until it has lived for a while."""

    first_seconds: float = 0.5
    most_seconds: float = 10.0
    reset_after_seconds: float = 30.0


@dataclass
class Child:
    """A command that is kept running."""

    name: str
    command: str
    environment: Mapping[str, str]
    backoff: Backoff
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    wait_seconds: float = 0.0

    def keep_running(self, voices: Voices) -> None:
        """Start the command when it is due; when it has died, say so and plan the next start."""
        now = time.monotonic()
        if self.running is not None and self.running.poll() is not None:
            self._plan_restart(self.running, now, voices)
        if self.running is None and now >= self.due_at:
            self._start(now, voices)

    def _plan_restart(self, dead: subprocess.Popen[bytes], now: float, voices: Voices) -> None:
        # Workers of a killed web server hold its port until they notice; its successor needs it now.
        signal_group(dead.pid, signal.SIGTERM)
        if now - self.started_at >= self.backoff.reset_after_seconds or not self.wait_seconds:
            self.wait_seconds = self.backoff.first_seconds
        else:
            self.wait_seconds = min(2 * self.wait_seconds, self.backoff.most_seconds)
        self.running, self.due_at = None, now + self.wait_seconds
        voices.relay(0)  # its last words come before our own
        voices.say(self.name, f"{_how_it_ended(dead.returncode)}; starting again in {self.wait_seconds:g} s.")

    def _start(self, now: float, voices: Voices) -> None:
        # The shell expands the line's variables and then becomes the command, so that the kernel's signal
        # at our death, our own signals and the exit status are the command's.
        self.running = subprocess.Popen(  # noqa: S603 - the Procfile is ours
            ["/bin/sh", "-c", f"exec {self.command}"],
            env=dict(self.environment),
            process_group=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=lifeline.tie(signal.SIGTERM),  # noqa: PLW1509 - the supervisor has no threads
        )
        self.started_at = now
        if self.running.stdout is not None:
            voices.add(self.name, self.running.stdout)

    def send(self, stop_signal: signal.Signals) -> None:
        """Send ``stop_signal`` to the whole group; SIGKILL also to descendants with groups of their own."""
        if self.running is None:
            return
        if stop_signal is signal.SIGKILL:
            with contextlib.suppress(psutil.Error):
                for descendant in psutil.Process(self.running.pid).children(recursive=True):
                    descendant.kill()
        signal_group(self.running.pid, stop_signal)

    def is_gone(self) -> bool:
        """Tell whether the process and all its group have ended."""
        if self.running is None:
            return True
        return self.running.poll() is not None and not signal_group(self.running.pid)


def signal_group(leader: int, number: signal.Signals | None = None) -> bool:
    """Send a signal, or with none only look; tell whether the group still had a member."""
    try:
        os.killpg(leader, number or 0)
    except ProcessLookupError:
        return False
    return True


def _how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"ended with exit status {returncode}"
