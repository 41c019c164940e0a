"""Numbered migrations, one head; see README.md for the rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def config(url: str) -> Config:
    """Return Alembic's configuration for the database at ``url`` (a login that owns the tables)."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest schema; does nothing when it is there already."""
    command.upgrade(config(url), "head")


@cache
def head() -> str:
    """Return the newest revision this code knows."""
    return ScriptDirectory.from_config(config("")).get_current_head() or ""
