"""The embedded PostgreSQL: loopback and a password, stopped with this process, healed after a crash."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import psycopg
from psycopg import sql

from shared.local import lifeline
from shared.local.account import ensure_home
from shared.local.cluster import SUPERUSER, ensure_cluster
from shared.local.errors import LocalError
from shared.local.launch import EmbeddedServer, ServerLog, await_ready, launch, start_somewhere
from shared.local.ports import LOOPBACK
from shared.local.programs import postgres_programs

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from shared.local.account import Account

NAME = "PostgreSQL"
OWNER = "allotment"
DATABASE = "allotment"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # loopback only: a socket needs a short path that nobody else may write to
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # await_ready reads the log
}
# Fast shutdown, then immediate (crash recovery at the next start), then the one nothing can refuse.
_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_PID_LINE, _STATUS_LINE = 0, 7


@dataclass(frozen=True, kw_only=True)
class _Cluster:
    directory: Path
    programs: Path
    account: Account
    log: ServerLog
    settings: Mapping[str, str]

    def start(self, port: int) -> subprocess.Popen[bytes]:
        self.end_strays()
        options = [f"--{name}={value}" for name, value in {**self.settings, "port": str(port)}.items()]
        server = launch(
            [str(self.programs / "postgres"), "-D", str(self.directory), *options],
            account=self.account,
            log=self.log,
            stop_signal=signal.SIGINT,
        )
        try:
            await_ready(NAME, server, lambda: self.is_ready(server.pid), self.log)
        except BaseException:
            lifeline.stop(server, _STEPS)
            raise
        return server

    def is_ready(self, pid: int) -> bool:
        lines = self.pid_file_lines()
        if len(lines) <= _STATUS_LINE:
            return False
        return lines[_PID_LINE] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def pid_file_lines(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def end_strays(self) -> None:
        """End what an earlier, killed run left: its server, backends without their server, its pid file."""
        if not lifeline.end(self.find_running, _STEPS):
            raise LocalError(f"An earlier {NAME} works in {self.directory} and could not be stopped.")
        pid = next(iter(self.pid_file_lines()), "")
        # The pid now belongs to an unrelated program, which PostgreSQL would take for a server, and not
        # start. A pid of nobody it handles itself, with one more look for backends left over.
        if not pid.isdigit() or psutil.pid_exists(int(pid)):
            (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def find_running(self) -> list[psutil.Process]:
        return lifeline.living_in(self.directory, "postgres")


@contextlib.contextmanager
def run_postgres(
    var_dir: Path,
    *,
    passwords: Mapping[str, str],
    shelter: Path,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    initdb_options: Sequence[str] = (),
) -> Iterator[tuple[EmbeddedServer, str]]:
    """Run PostgreSQL in ``var_dir``/postgres for the time of the context; yield it and the owner's URL.

    ``settings`` go over SETTINGS, ``initdb_options`` to initdb; both are for tests in a hurry.

    Raises:
        LocalError: when it cannot run, with the reason and the way out.

    """
    home = ensure_home(var_dir / "postgres", shelter=shelter)
    programs = postgres_programs(home.account, shelter=shelter)
    directory = ensure_cluster(
        home,
        programs=programs,
        password=passwords["postgres_superuser"],
        initdb_options=initdb_options,
    )
    cluster = _Cluster(
        directory=directory,
        programs=programs,
        account=home.account,
        log=ServerLog(var_dir / "postgres.log"),
        settings={**SETTINGS, **(settings or {})},
    )
    server = start_somewhere(NAME, cluster.start, port)
    try:
        _ensure_database(server.port, passwords, directory)
        place = f"{LOOPBACK}:{server.port}/{DATABASE}"
        yield server, f"postgresql+psycopg://{OWNER}:{passwords['postgres_owner']}@{place}"
    finally:
        lifeline.stop(server.running, _STEPS)


def _ensure_database(port: int, passwords: Mapping[str, str], directory: Path) -> None:
    """Make the owner's role and database if they are missing: an earlier start may have been cut off."""
    try:
        admin = psycopg.connect(
            host=LOOPBACK,
            port=port,
            user=SUPERUSER,
            password=passwords["postgres_superuser"],
            dbname="postgres",
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        raise LocalError(
            f"The password in passwords.json does not open the database in {directory}. Restore that file; "
            f"or, to start empty, move {directory.parent} away.",
        ) from error
    with contextlib.closing(admin):
        role, password = sql.Identifier(OWNER), sql.Literal(passwords["postgres_owner"])
        if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
            admin.execute(sql.SQL("CREATE ROLE {}").format(role))
        # Migrations make the lesser roles of the application, and tests their own databases.
        admin.execute(sql.SQL("ALTER ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(role, password))
        if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))
