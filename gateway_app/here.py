"""The address of this gateway as its callers write it."""

from __future__ import annotations

from flask import current_app, request

from shared.config import Settings


def host_url() -> str:
    """Return scheme and host of the call, with a slash at the end.

    Production is reached by HTTPS only (GATEWAY 2, rung 1), also where a proxy in front speaks plain HTTP to us.
    """
    settings: Settings = current_app.extensions["settings"]
    return f"https://{request.host}/" if settings.is_production else request.host_url
