"""The embedded Valkey: loopback and a password, stopped with this process, healed after a crash."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.local import lifeline
from shared.local.account import ensure_home
from shared.local.errors import LocalError
from shared.local.launch import EmbeddedServer, ServerLog, await_ready, launch, start_somewhere
from shared.local.ports import LOOPBACK
from shared.local.programs import valkey_programs

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import psutil

    from shared.local.account import Account

NAME = "Valkey"
_STEPS = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))


def answers(url: str, *, within_seconds: float = 2.0) -> bool:
    """Tell whether the server at ``url`` answers, with this password, ``within_seconds``."""
    client = redis.Redis.from_url(
        url,
        socket_timeout=within_seconds,
        socket_connect_timeout=within_seconds,
        retry=Retry(NoBackoff(), 0),
    )
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


@dataclass(frozen=True, kw_only=True)
class _Store:
    directory: Path
    programs: Path
    account: Account
    log: ServerLog
    password: str
    appendonly: bool

    def start(self, port: int) -> subprocess.Popen[bytes]:
        if not lifeline.end(self.find_running, _STEPS):
            raise LocalError(f"An earlier {NAME} works in {self.directory} and could not be stopped.")
        server = launch(
            # The configuration comes on standard input: a command line shows its password to every user.
            [str(self.programs / "valkey-server"), "-", "--dir", str(self.directory)],
            account=self.account,
            log=self.log,
            stop_signal=signal.SIGTERM,
            config=self.config(port),
        )
        try:
            await_ready(NAME, server, lambda: answers(self.url(port), within_seconds=0.2), self.log)
        except BaseException:
            lifeline.stop(server, _STEPS)
            raise
        return server

    def config(self, port: int) -> str:
        lines = (
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {self.password}",
            f"appendonly {'yes' if self.appendonly else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",  # a queue that forgets jobs is worse than one that refuses them
            "set-proc-title no",  # lifeline may have to know it by the directory on its command line
        )
        return "\n".join(lines) + "\n"

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{port}/0"

    def find_running(self) -> list[psutil.Process]:
        return lifeline.living_in(self.directory, "valkey-server")


@contextlib.contextmanager
def run_valkey(
    var_dir: Path,
    *,
    passwords: Mapping[str, str],
    shelter: Path,
    port: int | None = None,
    appendonly: bool = True,
) -> Iterator[tuple[EmbeddedServer, str]]:
    """Run Valkey in ``var_dir``/valkey for the time of the context; yield it and its URL.

    Raises:
        LocalError: when it cannot run, with the reason.

    """
    home = ensure_home(var_dir / "valkey", shelter=shelter)
    store = _Store(
        directory=home.directory,
        programs=valkey_programs(home.account, shelter=shelter),
        account=home.account,
        log=ServerLog(var_dir / "valkey.log"),
        password=passwords["valkey"],
        appendonly=appendonly,
    )
    server = start_somewhere(NAME, store.start, port)
    try:
        yield server, store.url(server.port)
    finally:
        lifeline.stop(server.running, _STEPS)
