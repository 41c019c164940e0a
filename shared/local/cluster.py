"""The files of an embedded PostgreSQL: made once and whole, refused when of another major version."""

from __future__ import annotations

import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from shared.local import lifeline
from shared.local.errors import LocalError
from shared.local.launch import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.local.account import Account, Home

SUPERUSER = "postgres"
# The builtin provider sorts the same on every system and after each of its upgrades; a C library's may not.
_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")


def ensure_cluster(
    home: Home,
    *,
    programs: Path,
    password: str,
    initdb_options: Sequence[str] = (),
) -> Path:
    """Return the data directory in ``home``, made with ``password`` for the superuser when there is none.

    It is made in a workshop and then moved, so that a half-made one is never taken for a database.

    Raises:
        LocalError: when it is of another major version or no data directory at all, or when initdb fails.

    """
    cluster = home.directory / "data"
    if (cluster / "PG_VERSION").exists():
        _refuse_other_major(cluster, _major_of(programs))
        return cluster
    if cluster.exists() and any(cluster.iterdir()):
        raise LocalError(f"{cluster} is not empty and not a PostgreSQL data directory; move it away.")
    workshop = _clean_workshop(home)
    _initdb(workshop, programs, home.account, password, initdb_options)
    (workshop / "data").rename(cluster)
    shutil.rmtree(workshop)
    return cluster


def _clean_workshop(home: Home) -> Path:
    workshop = home.directory / "workshop"
    if workshop.exists():
        shutil.rmtree(workshop)
    workshop.mkdir(mode=0o700)
    home.account.take(workshop)
    return workshop


def _refuse_other_major(cluster: Path, ours: str) -> None:
    theirs = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if theirs != ours:
        raise LocalError(
            f"{cluster} was written by PostgreSQL {theirs}, and this release brings PostgreSQL {ours}, "
            f"which cannot read it. Dump it with PostgreSQL {theirs}, move the directory away, start again and "
            f"load the dump; or set DATABASE_URL to a PostgreSQL {theirs} server.",
        )


def _major_of(programs: Path) -> str:
    # "postgres (PostgreSQL) 18.6": this much postgres also says to root.
    said = subprocess.run(  # noqa: S603 - the program is ours
        [programs / "postgres", "--version"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
    )
    return said.stdout.split()[2].split(".")[0]


def _initdb(
    workshop: Path,
    programs: Path,
    account: Account,
    password: str,
    options: Sequence[str],
) -> None:
    password_file = workshop / "password"
    password_file.touch(mode=0o600, exist_ok=False)
    password_file.write_text(password, encoding="ascii")
    account.take(password_file)
    made = subprocess.run(  # noqa: S603 - the program is ours
        [
            programs / "initdb",
            f"--pgdata={workshop / 'data'}",
            f"--username={SUPERUSER}",
            "--data-checksums",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            *_LOCALE,
            *options,
        ],
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
        umask=0o077,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lifeline.tie(signal.SIGTERM),
    )
    if made.returncode:
        said = made.stderr.strip().splitlines() or ["nothing"]
        raise LocalError(f"initdb could not make a data directory in {workshop}. It said: {said[0]}")
