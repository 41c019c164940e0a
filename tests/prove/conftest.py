"""Servers for the promises at full size."""

from tests.gateway.conftest import redis_url

__all__ = ["redis_url"]
