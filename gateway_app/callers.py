"""Where a call comes from (GATEWAY 8)."""

from __future__ import annotations

from flask import current_app, request

from shared.config import Settings
from shared.net import Address, ClientAddressError, client_address


def caller_address() -> Address | None:
    """Return the address the request came from, or None when a trusted proxy does not say."""
    settings: Settings = current_app.extensions["settings"]
    try:
        return client_address(
            request.remote_addr or "", request.headers.getlist("X-Forwarded-For"), settings.trusted_proxies
        )
    except ClientAddressError:
        return None
