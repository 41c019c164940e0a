"""The servers of one VAR_DIR: run once, found while they run, and only then."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from shared.local.errors import LocalError
from shared.local.servers import ServerOptions, ensure_servers, find_servers


@pytest.mark.usefixtures("made")
def test_they_are_found_while_they_run_and_not_after(var_dir: Path, options: ServerOptions) -> None:
    assert find_servers(var_dir) is None
    with ensure_servers(var_dir, options) as servers:
        assert find_servers(var_dir) == servers
        assert (var_dir / "servers.json").stat().st_mode & 0o777 == 0o600
    assert find_servers(var_dir) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        json.dumps(
            {"database_url": "postgresql+psycopg://x@127.0.0.1:1/x", "redis_url": "redis://127.0.0.1:1", "pid": 1}
        ),
    ],
)
def test_what_a_killed_run_left_written_is_not_believed(tmp_path: Path, content: str) -> None:
    (tmp_path / "servers.json").write_text(content)
    assert find_servers(tmp_path) is None


def test_a_second_run_names_the_first_and_ends_with_1(start_play: Callable[..., Any]) -> None:
    supervisor = start_play().supervisor()
    status, errors = start_play().finish()
    assert status == 1
    assert f"Allotment already runs there as process {supervisor.pid}." in errors
    assert errors.count("\n") == 1


def test_the_lock_of_a_killed_run_holds_nobody_up(start_play: Callable[..., Any]) -> None:
    first = start_play(guard=False)
    first.supervisor().kill()
    first.finish()
    assert start_play().supervisor().is_running()


def test_servers_of_ones_own_are_used_as_they_are(tmp_path: Path) -> None:
    own = {"database_url": "postgresql+psycopg://db/x", "redis_url": "redis://r/0"}
    with ensure_servers(tmp_path, ServerOptions(**own)) as servers:
        assert (servers.database_url, servers.redis_url) == tuple(own.values())
    assert not (tmp_path / "postgres").exists()


@pytest.mark.usefixtures("made")
def test_a_busy_port_of_the_database_stops_the_start_with_a_sentence(
    start_play: Callable[..., Any],
    var_dir: Path,
    options: ServerOptions,
) -> None:
    with ensure_servers(var_dir, options) as servers:
        port = psycopg.conninfo.conninfo_to_dict(servers.database_url.replace("+psycopg", ""))["port"]
        status, errors = start_play(servers=True, var_dir=f"{var_dir}-other", postgres_port=int(port)).finish()
    assert status == 1
    assert "PostgreSQL found its port taken by another program" in errors


@pytest.mark.parametrize("killed", ["supervisor", "guardian", "both", "supervisor without guardian"])
@pytest.mark.usefixtures("made")
def test_killed_runs_leave_no_server_behind(
    start_play: Callable[..., Any],
    var_dir: Path,
    all_gone: Callable[[str], bool],
    killed: str,
) -> None:
    play = start_play(servers=True, guard=killed != "supervisor without guardian")
    supervisor = play.supervisor()
    servers = supervisor.children(recursive=True)
    assert {"postgres", "valkey-server"} <= {one.name() for one in servers}
    victims = {"guardian": [play.process], "both": [play.process, supervisor]}.get(killed, [supervisor])
    for victim in victims:
        victim.kill()
    assert not psutil.wait_procs(servers, timeout=10)[1]
    assert all_gone(f"{var_dir}")


@pytest.mark.usefixtures("made")
def test_a_start_cut_off_by_a_signal_stops_what_it_started(
    start_play: Callable[..., Any],
    var_dir: Path,
    called_with: Callable[[str], list[Any]],
    eventually: Callable[..., bool],
) -> None:
    play = start_play(servers=True)
    assert eventually((var_dir / "postgres/data/postmaster.pid").exists)
    play.process.send_signal(signal.SIGTERM)
    play.process.wait(timeout=20)
    assert not called_with(f"{var_dir}")


def test_damaged_passwords_are_a_sentence(var_dir: Path, options: ServerOptions) -> None:
    var_dir.mkdir()
    (var_dir / "passwords.json").write_text("{")
    with pytest.raises(LocalError, match=r"passwords\.json is damaged"), ensure_servers(var_dir, options):
        pass
