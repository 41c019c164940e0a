"""Starting an embedded server as a child of this process, and waiting until it answers."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.local import lifeline
from shared.local.errors import LocalError
from shared.local.ports import free_port

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from shared.local.account import Account

# Nothing of our own environment: PG… and LC_… variables would change what a server does.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# Long, because a server that crashed under load replays its log first.
READY_SECONDS = 120.0
_LOG_LIMIT_BYTES = 10 * 1024 * 1024
_PORT_TRIES = 5
_TELLING = re.compile(r"FATAL|PANIC|ERROR|[Ff]ailed|[Cc]an't|[Bb]ad ")


class PortTakenError(LocalError):
    """Another program listens on the port this server was given."""


@dataclass
class ServerLog:
    """The file a server writes to, and where this start's part of it begins."""

    path: Path
    start: int = 0

    def begin(self) -> None:
        """Mark the start of a new part; a log grown too long is emptied first."""
        self.path.touch(mode=0o600)  # statements are quoted in it
        self.start = self.path.stat().st_size
        if self.start > _LOG_LIMIT_BYTES:
            self.path.write_bytes(b"")
            self.start = 0

    def lines(self) -> list[str]:
        """Return what the server has written since."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read().decode(errors="replace").splitlines()


def launch(
    command: Sequence[str],
    *,
    account: Account,
    log: ServerLog,
    stop_signal: signal.Signals,
    config: str = "",
) -> subprocess.Popen[bytes]:
    """Start ``command`` as ``account`` in its own process group, with ``config`` on its standard input.

    Its own group keeps the terminal's Ctrl-C away from it: the servers stop last. ``stop_signal`` is what the
    kernel sends it should this process be killed.
    """
    log.begin()
    with log.path.open("ab") as output:
        server = subprocess.Popen(  # noqa: S603 - the programs are ours
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            umask=0o077,
            process_group=0,
            preexec_fn=lifeline.tie(stop_signal),  # noqa: PLW1509 - servers are started before any thread
        )
    if server.stdin is not None:
        with contextlib.suppress(BrokenPipeError), server.stdin as pipe:  # it may have ended already
            pipe.write(config.encode())
    return server


def await_ready(
    name: str,
    server: subprocess.Popen[bytes],
    is_ready: Callable[[], bool],
    log: ServerLog,
) -> None:
    """Wait until ``is_ready``.

    Raises:
        PortTakenError: when the server ended because its port was taken.
        LocalError: when it ended for another reason, quoting its last words, or is not ready in time.

    """
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        if server.poll() is not None:
            raise _failure(name, log)
        if time.monotonic() > deadline:
            raise LocalError(f"{name} was not ready after {READY_SECONDS:g} seconds; see {log.path}.")
        time.sleep(0.02)


def _failure(name: str, log: ServerLog) -> LocalError:
    lines = [line.strip() for line in log.lines()] or ["nothing"]
    for line in lines:
        if "ddress already in use" in line:
            return PortTakenError(f"{name} found its port taken by another program. It said: {line}")
    telling = [line for line in lines if _TELLING.search(line)] or lines
    return LocalError(f"{name} did not start; all it said is in {log.path}. It ended with: {telling[-1]}")


@dataclass
class EmbeddedServer:
    """A server that runs under this process, always on the same port."""

    name: str
    port: int
    start: Callable[[int], subprocess.Popen[bytes]]
    running: subprocess.Popen[bytes]

    def tend(self, say: Callable[[str], None]) -> None:
        """Start the server again if it has died, and ``say`` so; raises LocalError when that fails."""
        if self.running.poll() is not None:
            say(f"{self.name} stopped unexpectedly; starting it again on port {self.port}.")
            self.running = self.start(self.port)


def start_somewhere(
    name: str,
    start: Callable[[int], subprocess.Popen[bytes]],
    port: int | None,
) -> EmbeddedServer:
    """Start a server on ``port``, or on a free one chosen now.

    Raises:
        PortTakenError: when the given port is taken.
        LocalError: when the server does not start for another reason.

    """
    for tries_left in range(_PORT_TRIES, 0, -1):
        chosen = port or free_port()
        try:
            return EmbeddedServer(name, chosen, start, start(chosen))
        except PortTakenError:  # someone took it between our look and the server's
            if port or tries_left == 1:
                raise
    raise AssertionError
