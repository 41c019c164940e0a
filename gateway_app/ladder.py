"""Who may come in: rungs 2 to 6 of GATEWAY 2, each on its own line, each asked anew at every call."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import structlog
from flask import current_app, g, request

from gateway_app.callers import caller_address
from shared.config import Settings
from shared.errors import AddressNotAllowed, InvalidKey, RateLimited, TooManyAttempts
from shared.net import Address
from shared.rates.limits import Limit, contract_limits
from shared.rates.windows import RateWindows
from shared.services import door
from shared.services.audit import Actor
from shared.services.door import Visitor
from shared.transaction import single_statement

KEY_MOST_CHARACTERS = 200
UNKNOWN = IPv4Address(0)


def enter(contract: str) -> Visitor:
    """Return the visitor whose key opens ``contract`` from where the call comes (rungs 2 to 5).

    Raises:
        TooManyAttempts, InvalidKey, KeyNotForContract, ApiAccessDisabled, AddressNotAllowed: in this order.

    """
    visitor = identify()
    door.ensure_key_opens(visitor, contract=contract.lower())
    ensure_access(visitor)
    return visitor


def ensure_access(visitor: Visitor) -> None:
    """Refuse when API access is off or the caller's address is not allowed (rung 5).

    Raises:
        ApiAccessDisabled, AddressNotAllowed: in this order.

    """
    address = caller_address()
    if address is None and visitor.api_access:
        raise AddressNotAllowed(address="an address that the proxy did not name")
    door.ensure_access(visitor, address=address or UNKNOWN)


def spend_call(visitor: Visitor) -> None:
    """Count one generate call in the contract's windows (rung 6).

    Raises:
        RateLimited: a window is full; nothing was counted.

    """
    decision = _windows().spend(str(visitor.blueprint.contract_id), contract_limits(**visitor.limits))
    g.decision = decision
    if decision.retry_after is not None:
        raise RateLimited(retry_after=decision.retry_after)


def show_calls(visitor: Visitor) -> None:
    """Let the answer tell what remains in the windows without counting a call."""
    g.decision = _windows().peek(str(visitor.blueprint.contract_id), contract_limits(**visitor.limits))


def actor_of(visitor: Visitor) -> Actor:
    """Return the visitor as audit and history name it: by the public part of the key."""
    address = caller_address()
    return Actor(name=f"key:{visitor.public_id}", address=str(address) if address else None, request_id=g.request_id)


def identify() -> Visitor:
    """Return the visitor whose key the call carries (rungs 2 and 3).

    Raises:
        TooManyAttempts, InvalidKey: the key opens nothing; which of the two tells only how often that happened.

    """
    address = caller_address()
    settings: Settings = current_app.extensions["settings"]
    try:
        with single_statement():
            visitor = door.authenticate(key=_bearer_key(), peppers=settings.key_pepper)
    except InvalidKey as refusal:
        g.cause = refusal.cause
        _count_failure(address, settings.failed_keys_per_minute)
        raise
    g.visitor = visitor
    structlog.contextvars.bind_contextvars(key=visitor.public_id, contract=str(visitor.blueprint.contract_id))
    return visitor


def _bearer_key() -> str:
    """Return the key of exactly one ``Authorization: Bearer`` header; the scheme in any case (RFC 9110, 11.1)."""
    headers = request.headers.getlist("Authorization")
    scheme, _, key = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not key or len(key) > KEY_MOST_CHARACTERS:
        raise InvalidKey("header")
    return key


def _count_failure(address: Address | None, per_minute: int) -> None:
    """Answer 429 instead of 401 above the limit; a network of IPv6 addresses counts as one caller (rung 2)."""
    caller = ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address
    decision = _windows().spend(f"failed:{caller}", [Limit("minute", per_minute, 60)])
    if decision.retry_after is not None:
        raise TooManyAttempts(retry_after=decision.retry_after)


def _windows() -> RateWindows:
    windows: RateWindows = current_app.extensions["rate_windows"]
    return windows
