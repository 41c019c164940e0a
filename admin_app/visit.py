"""Who visits, from where, in which environment: what views ask instead of the session."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, tzinfo

from flask import g

from admin_app.edge import caller_address
from admin_app.permissions import Permission, is_allowed
from shared.services.audit import Actor
from shared.transaction import transaction


@dataclass(frozen=True)
class Place:
    """One environment of the installation."""

    id: int
    name: str
    is_live: bool


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A signed-in person during one request."""

    id: uuid.UUID
    email: str
    role: str
    environment_id: int
    places: Sequence[Place]
    theme: str = "system"
    density: str = "comfortable"
    time_zone: str = "UTC"
    hotkeys: bool = True

    @property
    def place(self) -> Place:
        """Return the environment the person works in."""
        return next(place for place in self.places if place.id == self.environment_id)

    def may(self, permission: Permission | None) -> bool:
        """Tell whether the person's role has ``permission``; controls are hidden by the same table that refuses."""
        return is_allowed(self.role, permission)


def find_visitor() -> Visitor | None:
    """Return the signed-in person, or None."""
    found: Visitor | None = g.get("visitor")
    return found


def visitor() -> Visitor:
    """Return the signed-in person; the gate lets nobody else reach a view that asks."""
    found = find_visitor()
    if found is None:
        raise RuntimeError("This view is open and yet asks who is signed in.")
    return found


def time_zone() -> tzinfo:
    """Return the zone in which the person reads moments; UTC while nobody is signed in."""
    zone: tzinfo = g.get("time_zone") or UTC
    return zone


def actor() -> Actor:
    """Return the signed-in person as the audit trail names them."""
    return actor_of(visitor().id)


def actor_of(staff_id: uuid.UUID) -> Actor:
    """Return a person, signed in or about to be, as the audit trail names them."""
    address = caller_address()
    return Actor(name=f"staff:{staff_id}", address=str(address) if address else None, request_id=g.get("request_id"))


def stranger() -> Actor:
    """Return whoever asks without having signed in, as the audit trail names them."""
    address = caller_address()
    return Actor(name="stranger", address=str(address) if address else None, request_id=g.get("request_id"))


def scoped() -> AbstractContextManager[None]:
    """Return one transaction in the environment the person works in: for reads and for the one service call."""
    return transaction(environment_id=visitor().environment_id)
