"""Which user runs an embedded server, and the private directory where it works."""

from __future__ import annotations

import os
import pwd
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shared.local.errors import LocalError

SHELTER = Path("/var/lib/allotment")
_HOME_MODE = 0o700


@dataclass(frozen=True)
class Account:
    """The user a server runs as; without ids, the user who runs us."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """The supplementary groups to keep: none of root's, or our own unchanged."""
        return None if self.uid is None else []

    def take(self, path: Path) -> None:
        """Make ``path`` this user's own."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, directory: Path) -> bool:
        """Tell, by trying it as this user, whether ``directory`` can be entered."""
        return self.can_run("/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory))

    def can_run(self, *command: str) -> bool:
        """Tell whether this user can run ``command`` to its end."""
        try:
            tried = subprocess.run(  # noqa: S603 - the programs are ours
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=self.groups,
                cwd="/",
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return False
        return tried.returncode == 0


@dataclass(frozen=True)
class Home:
    """A server's own directory, with all links followed, and the user who runs the server there."""

    directory: Path
    account: Account


def ensure_home(wanted: Path, *, shelter: Path = SHELTER) -> Home:
    """Return the home at ``wanted``, made with mode 0700 when there is none.

    An ordinary user runs the server himself. PostgreSQL refuses to run as root, so root gives the home to
    ``nobody``, or leaves it to the user who owns it already. Where a directory above is closed to that
    user, opening it is not ours to do: the home is then made below ``shelter``, which belongs to root,
    survives reboots and is visited by no cleaner of temporary files, and ``wanted`` becomes a link to it.
    So the home follows a VAR_DIR that is moved, and a VAR_DIR made anew starts empty.

    Raises:
        LocalError: when the home belongs to somebody else, is gone or cannot be reached.

    """
    if wanted.is_symlink() and not wanted.exists():
        raise LocalError(f"{wanted} points to {wanted.readlink()}, which is gone. Remove it to start empty.")
    if os.geteuid() != 0:
        return _own_home(wanted)
    if wanted.exists():
        return _home_of_its_owner(wanted.resolve())
    return _new_home(wanted, shelter)


def _own_home(home: Path) -> Home:
    try:
        home.mkdir(mode=_HOME_MODE, parents=True, exist_ok=True)
    except PermissionError as error:
        raise LocalError(f"{home} cannot be made: {home.parent} is closed to this user.") from error
    if home.stat().st_uid != os.geteuid():
        raise LocalError(
            f"{home} belongs to another user, perhaps from a run as root. Run as that user, or use another VAR_DIR.",
        )
    return Home(home.resolve(), Account())


def _home_of_its_owner(home: Path) -> Home:
    owner = home.stat()
    account = Account(owner.st_uid, owner.st_gid) if owner.st_uid else _nobody()
    if owner.st_uid == 0:
        account.take(home)
    if not account.reaches(home):
        raise LocalError(f"{home} cannot be entered by its owner {account.uid}: a directory above is closed.")
    return Home(home, account)


def _new_home(wanted: Path, shelter: Path) -> Home:
    account = _nobody()
    wanted.parent.mkdir(parents=True, exist_ok=True)
    _make_for(account, wanted)
    if account.reaches(wanted):
        return Home(wanted.resolve(), account)
    wanted.rmdir()
    sheltered = open_shelter(shelter).resolve() / f"{wanted.name}-{secrets.token_hex(8)}"
    _make_for(account, sheltered)
    if not account.reaches(sheltered):
        raise LocalError(f"Neither {wanted} nor {shelter} can be entered by nobody; use another VAR_DIR.")
    wanted.symlink_to(sheltered)
    return Home(sheltered, account)


def open_shelter(shelter: Path) -> Path:
    """Make the directory for what ``nobody`` must reach: passed by everybody, listed by root only."""
    shelter.mkdir(mode=0o711, parents=True, exist_ok=True)
    return shelter


def _make_for(account: Account, home: Path) -> None:
    home.mkdir(mode=_HOME_MODE)
    account.take(home)


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalError(
            "PostgreSQL may not run as root, and this system has no user nobody; run as an ordinary user.",
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
