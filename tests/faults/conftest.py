"""Servers that a test may kill."""

from tests.gateway.conftest import own_valkey

__all__ = ["own_valkey"]
