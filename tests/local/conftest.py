"""Directories that the servers' user can reach, runs in processes of their own, and what is seen of them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from shared.local.postgres import run_postgres
from shared.local.secrets import ensure_passwords
from shared.local.servers import ServerOptions

PLAY = Path(__file__).with_name("play.py")
ROOT = Path(__file__).parents[2]
HASTE = {"fsync": "off", "max_connections": "20", "shared_buffers": "16MB"}


def _open_directory() -> Path:
    # Not tmp_path: pytest closes its directories to everybody but its own user, and as root that is not the servers'.
    directory = Path(tempfile.mkdtemp(prefix="allotment-test-"))
    directory.chmod(0o711)
    return directory


@pytest.fixture(scope="session")
def shelter() -> Iterator[Path]:
    directory = _open_directory()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def var_dir() -> Iterator[Path]:
    directory = _open_directory()
    yield directory / "var"
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def pattern(shelter: Path) -> Iterator[Path]:
    """A VAR_DIR with a database of one table, to be copied: initdb is what takes long."""
    directory = _open_directory()
    passwords = ensure_passwords(directory / "var")
    with (
        run_postgres(
            directory / "var",
            passwords=passwords,
            shelter=shelter,
            settings=HASTE,
            initdb_options=("--no-sync", "--wal-segsize=1"),
        ) as (_, url),
        psycopg.connect(url.replace("+psycopg", "")) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    yield directory / "var"
    shutil.rmtree(directory)


@pytest.fixture
def made(pattern: Path, var_dir: Path) -> Path:
    """A data directory with one table, and no server running."""
    subprocess.run(["/bin/cp", "--archive", pattern, var_dir], check=True)  # noqa: S603 - shutil keeps no owners
    return var_dir / "postgres" / "data"


@pytest.fixture
def options(shelter: Path) -> ServerOptions:
    return ServerOptions(shelter=shelter, initdb_options=("--no-sync", "--wal-segsize=1"), postgres_settings=HASTE)


class Play:
    """One started run: its output so far, its processes, and its end."""

    def __init__(self, told: dict[str, object]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, PLAY, json.dumps(told)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OUTER": "hidden"},
        )
        self.lines: list[str] = []
        # A line that never comes fails the test instead of holding it up.
        self.limit = threading.Timer(30, self.process.kill)
        self.limit.start()

    def wait_for(self, words: str) -> str:
        """Return the first new line with ``words`` in it."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if words in line:
                return line.rstrip()
        raise AssertionError(f"{words!r} never came: {self.lines}, {self.process.stderr.read()}")

    def supervisor(self) -> psutil.Process:
        """Wait until it is up and return the process that said so: below the guardian, where there is one."""
        return psutil.Process(int(self.wait_for("up ").split()[1]))

    def clear_away(self) -> None:
        """End the run and wait for its servers, which the kernel tells a little later."""
        self.limit.cancel()
        with self.process as process:
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.terminate()
        psutil.wait_procs(family, timeout=10)

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what was written to the error output."""
        output, errors = self.process.communicate(timeout=20)
        self.lines += output.splitlines()
        return self.process.returncode, errors


@pytest.fixture
def start_play(var_dir: Path, shelter: Path) -> Iterator[Callable[..., Play]]:
    plays: list[Play] = []

    def start(**told: object) -> Play:
        plays.append(Play({"var_dir": str(var_dir), "shelter": str(shelter), **told}))
        return plays[-1]

    yield start
    for play in plays:
        play.clear_away()


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """Give a function that waits until another returns something true, and tells whether it did in time."""

    def wait(is_true: Callable[[], object], seconds: float = 10.0) -> bool:
        deadline = time.monotonic() + seconds
        while not is_true():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return wait


@pytest.fixture
def called_with() -> Callable[[str], list[psutil.Process]]:
    """Give a function that returns the living processes whose command line contains a word."""
    return lambda word: [
        one
        for one in psutil.process_iter(["cmdline", "status"])
        if word in " ".join(one.info["cmdline"] or ()) and one.info["status"] != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture
def all_gone(
    eventually: Callable[..., bool], called_with: Callable[[str], list[psutil.Process]]
) -> Callable[[str], bool]:
    """Give a function that tells whether soon no process with a word on its command line is left."""
    return lambda word: eventually(lambda: not called_with(word))
