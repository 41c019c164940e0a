"""The embedded servers together: started for the time of a run, and found by commands while it lasts."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from shared.local import valkey
from shared.local.account import SHELTER
from shared.local.errors import LocalError
from shared.local.files import read_private, write_private
from shared.local.postgres import run_postgres
from shared.local.run_lock import run_lock
from shared.local.secrets import ensure_passwords
from shared.local.valkey import run_valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from shared.local.launch import EmbeddedServer

_CONNECT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """What a caller may want otherwise: servers of its own, certain ports, or haste in tests."""

    database_url: str = ""
    redis_url: str = ""
    postgres_port: int | None = None
    valkey_port: int | None = None
    postgres_settings: Mapping[str, str] = field(default_factory=dict)
    initdb_options: tuple[str, ...] = ()
    appendonly: bool = True
    shelter: Path = SHELTER


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where PostgreSQL (in SQLAlchemy's form) and Valkey answer, and the process they live and die with."""

    database_url: str
    redis_url: str
    pid: int
    embedded: tuple[EmbeddedServer, ...] = field(default=(), repr=False, compare=False)

    def tend(self, say: Callable[[str], None]) -> None:
        """Start again, on the same port, what has died, and ``say`` so; raises LocalError when that fails."""
        for server in self.embedded:
            server.tend(say)


@contextlib.contextmanager
def ensure_servers(var_dir: Path, options: ServerOptions | None = None) -> Iterator[Servers]:
    """Hold VAR_DIR and run its servers for the time of the context.

    Raises:
        LocalError: when VAR_DIR is already in use, naming the process, or when a server cannot run.

    """
    with run_lock(var_dir), start_servers(var_dir, options) as servers:
        yield servers


@contextlib.contextmanager
def start_servers(var_dir: Path, options: ServerOptions | None = None) -> Iterator[Servers]:
    """Do as ``ensure_servers`` where the caller holds ``run_lock`` already."""
    options = options or ServerOptions()
    passwords = ensure_passwords(var_dir)
    embedded = []
    with contextlib.ExitStack() as stack:
        database_url, redis_url = options.database_url, options.redis_url
        if not database_url:
            server, database_url = stack.enter_context(
                run_postgres(
                    var_dir,
                    passwords=passwords,
                    shelter=options.shelter,
                    port=options.postgres_port,
                    settings=options.postgres_settings,
                    initdb_options=options.initdb_options,
                )
            )
            embedded.append(server)
        if not redis_url:
            server, redis_url = stack.enter_context(
                run_valkey(
                    var_dir,
                    passwords=passwords,
                    shelter=options.shelter,
                    port=options.valkey_port,
                    appendonly=options.appendonly,
                )
            )
            embedded.append(server)
        servers = Servers(
            database_url=database_url,
            redis_url=redis_url,
            pid=os.getpid(),
            embedded=tuple(embedded),
        )
        stack.enter_context(_published(var_dir, servers))
        yield servers


@contextlib.contextmanager
def _published(var_dir: Path, servers: Servers) -> Iterator[None]:
    path = var_dir / "servers.json"
    write_private(
        path,
        {"database_url": servers.database_url, "redis_url": servers.redis_url, "pid": servers.pid},
    )
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_servers(var_dir: Path) -> Servers | None:
    """Return the servers that run for ``var_dir``, or None unless both really answer."""
    with contextlib.suppress(LocalError, KeyError, TypeError, ValueError):
        found = read_private(var_dir / "servers.json")
        servers = Servers(
            database_url=str(found["database_url"]),
            redis_url=str(found["redis_url"]),
            pid=int(str(found["pid"])),
        )
        if _database_answers(servers.database_url) and valkey.answers(servers.redis_url):
            return servers
    return None


def _database_answers(url: str) -> bool:
    try:
        with psycopg.connect(
            url.replace("postgresql+psycopg://", "postgresql://", 1),
            connect_timeout=_CONNECT_SECONDS,
        ) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False
