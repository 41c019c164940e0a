"""Alive and ready: for the machines around the back-office; no sign-in, no versions, no reasons."""

from __future__ import annotations

from flask import Blueprint, Response

import migrations
from shared.transaction import is_ready

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return Response('{"status":"ok"}', content_type="application/json")


@blueprint.get("/readyz")
def ready() -> Response:
    """Say whether database and Redis are reachable and the schema is the one this code knows."""
    if is_ready(revision=migrations.head()):
        return Response('{"status":"ready"}', content_type="application/json")
    return Response('{"status":"not ready"}', 503, content_type="application/json")
