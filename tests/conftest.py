"""Real servers for every test process, a clean database for every test, and the books balanced after it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

import admin_app as admin
import gateway_app as gateway
import migrations
from shared import db as database
from shared.config import Settings, read_settings
from shared.local.servers import ServerOptions, Servers, start_servers
from tests.books import unbalanced
from tests.world import World

# No test pulls the plug of the machine, so nothing need reach the disk.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "150"}
KEPT = ("environment", "alembic_version")
EMPTY_TRIES = 5


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey of this test process, on free ports."""
    directory = Path(tempfile.mkdtemp(prefix="allotment-test-"))
    directory.chmod(0o711)
    options = ServerOptions(
        postgres_settings=HASTE, initdb_options=("--no-sync",), appendonly=False, shelter=directory / "shelter"
    )
    (directory / "shelter").mkdir(mode=0o711)
    with start_servers(directory / "var", options) as found:
        yield found
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def environ(servers: Servers) -> dict[str, str]:
    """The environment variables of a development deployment on those servers, migrated."""
    migrations.upgrade(servers.database_url)
    secret = {name: secrets.token_urlsafe(32) for name in ("KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET")}
    urls = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    return {**secret, **urls, "DEPLOYMENT": "development", "PATH": os.environ["PATH"]}


@pytest.fixture(scope="session")
def settings(environ: dict[str, str]) -> Settings:
    return read_settings(environ, process="admin")


@pytest.fixture(scope="session")
def owner_url(settings: Settings) -> str:
    """The owner's database as psycopg takes it."""
    return settings.owner_database_url.replace("+psycopg", "")


@pytest.fixture(scope="session")
def bare(settings: Settings) -> Iterator[Flask]:
    yield from _lent(database.bare_app(settings))


@pytest.fixture
def app(bare: Flask, owner_url: str, settings: Settings) -> Iterator[Flask]:
    """A bare app whose context is open, on an empty database and an empty Redis; the books balance afterwards."""
    _empty(owner_url)
    redis: Redis = Redis.from_url(settings.redis_url)
    redis.flushdb()
    redis.close()
    with bare.app_context():
        yield bare
        database.db.session.rollback()
        assert unbalanced() == []
        database.db.session.remove()


@pytest.fixture
def world(app: Flask, settings: Settings) -> World:  # noqa: ARG001 - the world stands on the clean database
    return World(settings)


@pytest.fixture(scope="session")
def gateway_settings(environ: dict[str, str]) -> Settings:
    hidden = ("SECRETS_KEYS", "SESSION_SECRET")
    return read_settings({k: v for k, v in environ.items() if k not in hidden}, process="gateway")


@pytest.fixture(scope="session")
def gateway_app(gateway_settings: Settings) -> Iterator[Flask]:
    yield from _lent(gateway.create_app(gateway_settings))


@pytest.fixture
def partner(app: Flask, gateway_app: Flask) -> FlaskClient:  # noqa: ARG001 - on the clean database
    """A client of the gateway, under the gateway's own database role."""
    return gateway_app.test_client()


@pytest.fixture(scope="session")
def admin_app_once(settings: Settings) -> Iterator[Flask]:
    yield from _lent(admin.create_app(settings))


@pytest.fixture
def admin_app(app: Flask, admin_app_once: Flask) -> Flask:  # noqa: ARG001 - on the clean database
    return admin_app_once


def _lent(app: Flask) -> Iterator[Flask]:
    """Give an app for the session and close its database connections afterwards."""
    yield app
    with app.app_context():
        database.db.engine.dispose()


def _empty(owner_url: str) -> None:
    """Empty every table; when the log of the last test's calls is written meanwhile, the two may have to try again."""
    for _ in range(EMPTY_TRIES):
        with suppress(psycopg.errors.DeadlockDetected), psycopg.connect(owner_url) as connection:
            _truncate(connection)
            return
    raise AssertionError("The tables are in use and could not be emptied.")


def _truncate(connection: psycopg.Connection) -> None:
    """Only the owner may lift the guard of the audit trail, and puts it back at once."""
    tables = [row[0] for row in connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", [list(KEPT)]
    )]  # fmt: skip
    connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_never_emptied")
    connection.execute(f"TRUNCATE {', '.join(tables)}".encode())
    connection.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_never_emptied")
