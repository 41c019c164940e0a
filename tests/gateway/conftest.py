"""Servers for the gateway's tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import LogCapture

import gateway_app as gateway
from shared import db as database
from shared.config import Settings
from tests.gateway.own_valkey import OwnValkey


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Valkey shared by all tests, each with keys of its own."""
    server = OwnValkey(tmp_path_factory.mktemp("valkey"))
    yield server.url
    server.kill()


@pytest.fixture
def logged() -> LogCapture:
    return LogCapture()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    """Give a Valkey that the test may freeze and kill."""
    server = OwnValkey(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def gateway_with(app: Flask, gateway_settings: Settings) -> Iterator[Callable[..., FlaskClient]]:  # noqa: ARG001
    """Make clients of a gateway with other settings, on the clean database."""
    made: list[Flask] = []

    def make(**settings: Any) -> FlaskClient:
        if settings.get("deployment") == "production":
            settings.setdefault("gateway_url", "https://gateway.example")
        made.append(gateway.create_app(replace(gateway_settings, **settings)))
        return made[-1].test_client()

    yield make
    for one in made:
        one.extensions["api_log"].flush()
        with one.app_context():
            database.db.engine.dispose()


@pytest.fixture(autouse=True)
def _log_written(request: pytest.FixtureRequest) -> Iterator[None]:
    """Write the log of calls before the next test empties its tables."""
    yield
    if "partner" in request.fixturenames:
        request.getfixturevalue("gateway_app").extensions["api_log"].flush()
