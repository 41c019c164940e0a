"""The address of this gateway as its callers write it."""

from __future__ import annotations

from flask import current_app, request

from shared.config import Settings


def host_url() -> str:
    """Return scheme and host of the call, with a slash at the end.

    In production it is the one that was configured (GATEWAY 2, rung 1): a proxy in front may speak plain HTTP to
    us, and what a refused call names as its host is not said back.
    """
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.gateway_url}/" if settings.is_production else request.host_url
