"""Migrations: one line to one head, the schema the models describe, and no harm in running them twice or at once."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

import migrations

ROOT = Path(__file__).parents[2]
UPGRADE = "import migrations, sys; migrations.upgrade(sys.argv[1])"


@pytest.fixture
def scratch(environ: dict[str, str], owner_url: str) -> Iterator[str]:
    """The address of an empty database of its own."""
    name = f"scratch_{uuid.uuid4().hex}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def tables(url: str) -> set[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_there_is_one_head_and_every_revision_has_one_parent() -> None:
    revisions = list(ScriptDirectory.from_config(migrations.config("")).walk_revisions())
    assert len(revisions) == len({revision.down_revision for revision in revisions})
    assert [revision.revision for revision in revisions if revision.is_head] == [migrations.head()]


def test_the_schema_is_what_the_models_describe(scratch: str) -> None:
    migrations.upgrade(scratch)
    command.check(migrations.config(scratch))
    with psycopg.connect(scratch.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE job DROP COLUMN attempts")
    with pytest.raises(CommandError, match="New upgrade operations detected"):  # the negative control
        command.check(migrations.config(scratch))


def test_upgrading_twice_changes_nothing(scratch: str) -> None:
    migrations.upgrade(scratch)
    before = tables(scratch)
    migrations.upgrade(scratch)
    assert tables(scratch) == before


def test_downgrading_to_nothing_and_up_again_works(scratch: str) -> None:
    migrations.upgrade(scratch)
    before = tables(scratch)
    command.downgrade(migrations.config(scratch), "base")
    assert tables(scratch) == {"alembic_version"}
    migrations.upgrade(scratch)
    assert tables(scratch) == before


def test_every_step_can_be_taken_back_by_itself(scratch: str) -> None:
    configuration = migrations.config(scratch)
    for revision in reversed(list(ScriptDirectory.from_config(configuration).walk_revisions())):
        for step in (revision.revision, revision.down_revision or "base", revision.revision):
            (command.upgrade if step == revision.revision else command.downgrade)(configuration, step)


def test_two_upgrades_at_once_both_succeed(scratch: str) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, scratch], cwd=ROOT, stderr=subprocess.PIPE)  # noqa: S603
        for _ in range(2)
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 2
    assert "license" in tables(scratch)
