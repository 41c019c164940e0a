"""Where benches play: real servers with durability on, an empty migrated database, and a world."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

import migrations
from shared.config import Settings, read_settings
from shared.db import bare_app
from shared.local.servers import ServerOptions, start_servers
from tests.world import World


@dataclass(frozen=True)
class Stage:
    """What a bench works with."""

    environ: dict[str, str]
    settings: Settings
    world: World
    directory: Path

    def owner(self) -> psycopg.Connection:
        """Return a new connection of the tables' owner, each statement its own transaction."""
        return psycopg.connect(self.settings.owner_database_url.replace("+psycopg", ""), autocommit=True)


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the servers and open an app context for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="allotment-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        shelter = directory / "shelter"
        shelter.mkdir(mode=0o711)
        with start_servers(directory / "var", ServerOptions(shelter=shelter)) as servers:
            migrations.upgrade(servers.database_url)
            secret = {name: secrets.token_urlsafe(32) for name in ("KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET")}
            environ = {
                **secret, "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url,
                "DEPLOYMENT": "development", "PATH": os.environ["PATH"],
            }  # fmt: skip
            settings = read_settings(environ, process="admin")
            with bare_app(settings).app_context():
                yield Stage(environ, settings, World(settings), directory)


def show(what: str, values: list[float], unit: str = "") -> float:
    """Print and return the median, with the least and the most beside it."""
    middle = median(values)
    print(f"  {what:<52} {middle:9.3f}{unit}   ({min(values):.3f} to {max(values):.3f}, {len(values)} runs)")
    return middle
