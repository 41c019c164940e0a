"""The embedded PostgreSQL: what it is, and every state an earlier run may have left it in."""

import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psutil
import psycopg
import pytest

from shared.local.account import ensure_home
from shared.local.cluster import SUPERUSER
from shared.local.errors import LocalError
from shared.local.ports import free_port
from shared.local.postgres import run_postgres
from shared.local.programs import postgres_programs
from shared.local.secrets import ensure_passwords

HASTE = {
    "settings": {"fsync": "off", "max_connections": "20", "shared_buffers": "16MB"},
    "initdb_options": ("--no-sync", "--wal-segsize=1"),
}


@pytest.fixture
def start(var_dir: Path, shelter: Path) -> Callable[..., Any]:
    def run(**differently: Any) -> Any:
        var_dir.mkdir(exist_ok=True)
        return run_postgres(var_dir, passwords=ensure_passwords(var_dir), shelter=shelter, **(HASTE | differently))

    return run


def ask(url: str, statement: LiteralString) -> Any:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def answer(url: str) -> Any:
    return ask(url, "SELECT answer FROM kept")


def servers_user(made: Path) -> dict[str, Any]:
    owner = made.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def test_it_is_durable_checksummed_and_sorted_alike_everywhere(start: Callable[..., Any]) -> None:
    with start(settings={}) as (_, url):
        shown = {
            name: ask(url, f"SHOW {name}")
            for name in (
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "data_checksums",
                "max_connections",
                "server_encoding",
                "listen_addresses",
                "password_encryption",
                "TimeZone",
            )
        }
        assert shown == {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "max_connections": "200",
            "server_encoding": "UTF8",
            "listen_addresses": "127.0.0.1",
            "password_encryption": "scram-sha-256",
            "TimeZone": "UTC",
        }
        assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        assert ask(url, "SELECT lower('ÄÖÜ')") == "äöü"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_a_wrong_password_is_refused(start: Callable[..., Any]) -> None:
    with start() as (server, _), pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host="127.0.0.1", port=server.port, user=SUPERUSER, password="wrong", dbname="postgres")


def test_what_was_written_is_there_after_a_restart_and_nothing_runs_between(
    made: Path,
    start: Callable[..., Any],
    called_with: Callable[[str], list[Any]],
) -> None:
    assert not called_with(str(made.resolve()))
    with start() as (_, url):
        assert answer(url) == 42


def test_a_pid_file_of_a_dead_process_is_no_obstacle(made: Path, start: Callable[..., Any]) -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        pass
    (made / "postmaster.pid").write_text(f"{gone.pid}\n{made}\n")
    with start() as (_, url):
        assert answer(url) == 42


def test_a_pid_file_whose_pid_now_belongs_to_another_program_is_no_obstacle(
    made: Path,
    start: Callable[..., Any],
) -> None:
    with subprocess.Popen(["/bin/sleep", "100"], cwd="/", **servers_user(made)) as unrelated:
        (made / "postmaster.pid").write_text(f"{unrelated.pid}\n{made}\n")
        with start() as (_, url):
            assert answer(url) == 42
        assert unrelated.poll() is None
        unrelated.kill()


def test_a_server_left_by_a_killed_run_is_stopped_first(
    made: Path,
    start: Callable[..., Any],
    shelter: Path,
    eventually: Callable[..., bool],
) -> None:
    home = ensure_home(made.parent, shelter=shelter)
    with subprocess.Popen(  # noqa: S603 - the embedded program
        [
            postgres_programs(home.account, shelter=shelter) / "postgres",
            "-D",
            made.resolve(),
            f"--port={free_port()}",
            "--listen_addresses=127.0.0.1",
            "--unix_socket_directories=",
        ],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **servers_user(made),
    ) as stray:
        assert eventually(lambda: "ready" in pid_file(made))
        with start() as (_, url):
            assert answer(url) == 42
        assert stray.wait() == 0, "it was stopped cleanly"


def pid_file(made: Path) -> str:
    path = made / "postmaster.pid"
    return path.read_text() if path.exists() else ""


@pytest.mark.usefixtures("made")
def test_a_killed_server_is_started_again_on_its_port(
    start: Callable[..., Any],
    eventually: Callable[..., bool],
) -> None:
    said = []
    with start() as (server, url):
        assert answer(url) == 42
        os.kill(server.running.pid, signal.SIGKILL)
        assert eventually(lambda: server.running.poll() is not None)
        server.tend(said.append)
        assert answer(url) == 42
    assert said == [f"PostgreSQL stopped unexpectedly; starting it again on port {server.port}."]


def test_a_taken_port_is_a_sentence(
    made: Path,
    start: Callable[..., Any],
    called_with: Callable[[str], list[Any]],
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(LocalError, match="PostgreSQL found its port taken by another program"),
        start(port=taken.getsockname()[1]),
    ):
        pass
    assert not called_with(str(made.resolve()))


def test_another_major_version_is_a_sentence_with_both_and_the_way_out(
    made: Path,
    start: Callable[..., Any],
) -> None:
    (made / "PG_VERSION").write_text("17\n")
    with (
        pytest.raises(LocalError, match=r"by PostgreSQL 17, and this release brings PostgreSQL 18, .*Dump it with"),
        start(),
    ):
        pass


def test_a_killed_initdb_is_begun_anew(
    start_play: Callable[..., Any],
    start: Callable[..., Any],
    var_dir: Path,
    all_gone: Callable[[str], bool],
    eventually: Callable[..., bool],
) -> None:
    play = start_play(servers=True, guard=False)
    assert eventually(lambda: list(var_dir.glob("postgres/workshop/data/base")))
    play.process.kill()
    play.process.wait()
    assert not (var_dir / "postgres/data").exists(), "the kill landed in time"
    assert all_gone(str(var_dir))
    with start() as (_, url):
        assert ask(url, "SELECT 1") == 1
    assert [path.name for path in (var_dir / "postgres").iterdir()] == ["data"]


def test_a_first_start_cut_off_before_the_database_was_made_is_completed(
    start: Callable[..., Any],
    var_dir: Path,
) -> None:
    with start() as (server, url):
        superuser = {"user": SUPERUSER, "password": ensure_passwords(var_dir)["postgres_superuser"]}
        with psycopg.connect(host="127.0.0.1", port=server.port, dbname="postgres", autocommit=True, **superuser) as it:
            it.execute("DROP DATABASE allotment")
            it.execute("DROP ROLE allotment")
    with start() as (_, url):
        assert ask(url, "SELECT current_user") == "allotment"


def test_lost_passwords_are_a_sentence(
    made: Path,
    start: Callable[..., Any],
    var_dir: Path,
    called_with: Callable[[str], list[Any]],
) -> None:
    (var_dir / "passwords.json").unlink()
    with pytest.raises(LocalError, match=r"passwords\.json does not open the database"), start():
        pass
    assert not called_with(str(made.resolve()))


def test_a_foreign_directory_is_left_alone(start: Callable[..., Any], var_dir: Path, shelter: Path) -> None:
    home = ensure_home(var_dir / "postgres", shelter=shelter)
    (home.directory / "data").mkdir()
    (home.directory / "data" / "letter.txt").write_text("mine")
    with pytest.raises(LocalError, match="is not empty and not a PostgreSQL data directory"), start():
        pass
    assert (home.directory / "data" / "letter.txt").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_under_root_it_runs_as_nobody(start: Callable[..., Any]) -> None:
    with start() as (server, _):
        assert psutil.Process(server.running.pid).uids().real == pwd.getpwnam("nobody").pw_uid
