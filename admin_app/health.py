"""Alive and ready: for the machines around the back-office; no sign-in, no versions, no reasons."""

from __future__ import annotations

from flask import Blueprint, Response

import migrations
from shared.errors import Busy
from shared.services import health
from shared.transaction import is_redis_reachable, single_statement

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return Response('{"status":"ok"}', content_type="application/json")


@blueprint.get("/readyz")
def ready() -> Response:
    """Say whether database and Redis are reachable and the schema is the one this code knows."""
    try:
        with single_statement():
            is_ready = health.revision() == migrations.head()
    except Busy:
        is_ready = False
    if is_ready and is_redis_reachable():
        return Response('{"status":"ready"}', content_type="application/json")
    return Response('{"status":"not ready"}', 503, content_type="application/json")
