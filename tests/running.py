"""Real processes of the product for tests: started, killed, started again and never left behind."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from shared.local.ports import free_port

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
UNKNOWN_TO_GATEWAY = ("SECRETS_KEYS", "SESSION_SECRET")
START_SECONDS = 20


class Process:
    """One process of ours in a group of its own; ``log`` is where it writes."""

    def __init__(self, command: list[str], environ: Mapping[str, str], log: Path) -> None:
        self._command, self._environ, self.log = command, dict(environ), log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(  # noqa: S603 - our own programs
                self._command, env=self._environ, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )

    def family(self) -> list[psutil.Process]:
        """Return the process and all below it, the parent first."""
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.running.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def kill(self) -> None:
        """SIGKILL it with all below it."""
        for member in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self.running.wait()

    def stop(self) -> None:
        """Ask it to end, and insist after ten seconds."""
        family = self.family()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=10)
        for member in alive:
            member.kill()
        self.running.wait()


@contextlib.contextmanager
def gateway(environ: Mapping[str, str], directory: Path, **extra: str) -> Iterator[tuple[Process, int]]:
    """Run the gateway under gunicorn; give the process and its port."""
    port = free_port()
    allowed = {name: value for name, value in environ.items() if name not in UNKNOWN_TO_GATEWAY}
    command = [str(BIN / "gunicorn"), "-c", "gateway_app/gunicorn.conf.py", "gateway_app:from_environ()"]
    process = Process(command, {**allowed, "GATEWAY_PORT": str(port), **extra}, directory / "gateway.log")
    try:
        wait_for(port, process)
        yield process, port
    finally:
        process.stop()


@contextlib.contextmanager
def office(environ: Mapping[str, str], directory: Path, **extra: str) -> Iterator[tuple[Process, int]]:
    """Run the back-office under gunicorn; give the process and its port."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "-c", "admin_app/gunicorn.conf.py", "admin_app:from_environ()"]
    process = Process(command, {**environ, "ADMIN_PORT": str(port), **extra}, directory / "office.log")
    try:
        wait_for(port, process)
        yield process, port
    finally:
        process.stop()


@contextlib.contextmanager
def worker(environ: Mapping[str, str], directory: Path, name: str = "worker", **extra: str) -> Iterator[Process]:
    """Run one RQ worker."""
    process = Process([sys.executable, "-m", "shared.worker"], {**environ, **extra}, directory / f"{name}.log")
    try:
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def clock(environ: Mapping[str, str], directory: Path, **extra: str) -> Iterator[Process]:
    """Run the clock, sweeping twice a second."""
    process = Process(
        [sys.executable, "-m", "shared.schedule"], {**environ, "SWEEP_SECONDS": "0.5", **extra}, directory / "clock.log"
    )
    try:
        yield process
    finally:
        process.stop()


def wait_for(port: int, process: Process) -> None:
    """Wait until ``/healthz`` of ``port`` answers 200."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
            connection.close()
            if status == http.client.OK:
                return
        if process.running.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(process.log.read_text(errors="replace")[-2000:])


def wait_until(true: object, seconds: float, what: str) -> float:
    """Wait until the callable ``true`` says so; return the seconds it took, or fail naming ``what``."""
    started = time.monotonic()
    while not true():  # type: ignore[operator]
        assert time.monotonic() - started < seconds, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)
    return time.monotonic() - started
