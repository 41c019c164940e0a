"""The secrets of a local run, made on its first start and kept in VAR_DIR for the next."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from shared.config import SECRET_BYTES
from shared.local.files import read_private, write_private

if TYPE_CHECKING:
    from pathlib import Path

SECRET_NAMES = ("KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET")
PASSWORD_NAMES = ("postgres_superuser", "postgres_owner", "valkey")


def ensure_secrets(var_dir: Path) -> dict[str, str]:
    """Return the application's secrets by variable name, each 32 random bytes as base64url.

    They live in ``secrets.json``, mode 0600; what is missing there is made and added, what is there stays.

    Raises:
        LocalError: when the file is damaged. It is never made anew by itself: keys in use would be lost.

    """
    return _ensure(var_dir / "secrets.json", SECRET_NAMES)


def ensure_passwords(var_dir: Path) -> dict[str, str]:
    """Return the passwords of the embedded servers, from ``passwords.json``, kept in the same way."""
    return _ensure(var_dir / "passwords.json", PASSWORD_NAMES)


def _ensure(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    kept = {name: str(value) for name, value in read_private(path).items()}
    missing = {name: secrets.token_urlsafe(SECRET_BYTES) for name in names if not kept.get(name)}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, kept | missing)
    return kept | missing
