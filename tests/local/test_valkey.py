"""The embedded Valkey: closed without its password, durable, and healed after every kind of earlier run."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from shared.local.account import ensure_home
from shared.local.errors import LocalError
from shared.local.programs import valkey_programs
from shared.local.secrets import ensure_passwords
from shared.local.valkey import answers, run_valkey


@pytest.fixture
def start(var_dir: Path, shelter: Path) -> Callable[..., Any]:
    def run(**differently: Any) -> Any:
        var_dir.mkdir(exist_ok=True)
        return run_valkey(var_dir, passwords=ensure_passwords(var_dir), shelter=shelter, **differently)

    return run


def call(url: str, *command: str) -> Any:
    client = redis.Redis.from_url(url)
    try:
        return client.execute_command(*command)
    finally:
        client.close()


def test_it_is_closed_without_its_password_and_refuses_rather_than_forgets(start: Callable[..., Any]) -> None:
    with start() as (server, url):
        assert not answers(f"redis://127.0.0.1:{server.port}/0")
        assert not answers(f"redis://:wrong@127.0.0.1:{server.port}/0")
        assert call(url, "CONFIG GET", "maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert call(url, "CONFIG GET", "bind")["bind"] == "127.0.0.1"


def test_the_password_is_on_no_command_line(
    start: Callable[..., Any],
    var_dir: Path,
    called_with: Callable[[str], list[Any]],
) -> None:
    with start():
        assert not called_with(ensure_passwords(var_dir)["valkey"])


def test_what_was_written_is_there_after_a_restart(start: Callable[..., Any]) -> None:
    with start() as (_, url):
        call(url, "SET", "kept", "42")
    with start() as (_, url):
        assert call(url, "GET", "kept") == b"42"


def test_without_appendonly_nothing_is_kept(start: Callable[..., Any]) -> None:
    with start(appendonly=False) as (_, url):
        call(url, "SET", "lost", "42")
    with start(appendonly=False) as (_, url):
        assert call(url, "GET", "lost") is None


def test_a_killed_server_is_started_again_on_its_port(
    start: Callable[..., Any],
    eventually: Callable[..., bool],
) -> None:
    said = []
    with start() as (server, url):
        call(url, "SET", "kept", "42")
        os.kill(server.running.pid, signal.SIGKILL)
        assert eventually(lambda: server.running.poll() is not None)
        server.tend(said.append)
        assert call(url, "GET", "kept") == b"42"
    assert said == [f"Valkey stopped unexpectedly; starting it again on port {server.port}."]


def test_a_server_left_by_a_killed_run_is_stopped_first(
    start: Callable[..., Any],
    var_dir: Path,
    shelter: Path,
    eventually: Callable[..., bool],
) -> None:
    home = ensure_home(var_dir / "valkey", shelter=shelter)
    account = home.account
    with subprocess.Popen(  # noqa: S603 - the embedded program
        [
            valkey_programs(account, shelter=shelter) / "valkey-server",
            "--port",
            "0",
            "--dir",
            home.directory,
            "--unixsocket",
            "stray.sock",
            "--set-proc-title",
            "no",
        ],
        cwd="/",
        stdout=subprocess.DEVNULL,
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
    ) as stray:
        assert eventually((home.directory / "stray.sock").exists)
        with start() as (_, url):
            assert answers(url)
        assert stray.wait() == 0, "it was stopped cleanly"


def test_a_taken_port_is_a_sentence(start: Callable[..., Any]) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(LocalError, match="Valkey found its port taken by another program"),
        start(port=taken.getsockname()[1]),
    ):
        pass


def test_a_damaged_store_is_a_sentence_with_the_place_of_the_log(start: Callable[..., Any], var_dir: Path) -> None:
    with start() as (_, url):
        call(url, "SET", "kept", "42")
    for path in (var_dir / "valkey/appendonlydir").glob("*.incr.aof"):
        path.write_bytes(b"*3\r\n$3\r\nSET\r\n$nonsense" + path.read_bytes())
    with (
        pytest.raises(LocalError, match=r"Valkey did not start; all it said is in .*valkey\.log.*Bad file format"),
        start(),
    ):
        pass
