"""Servers for the gateway's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.own_valkey import OwnValkey


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Valkey shared by all tests, each with keys of its own."""
    server = OwnValkey(tmp_path_factory.mktemp("valkey"))
    yield server.url
    server.kill()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    """Give a Valkey that the test may freeze and kill."""
    server = OwnValkey(tmp_path)
    yield server
    server.kill()
