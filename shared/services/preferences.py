"""How each person likes the pages: theme, row height, time zone and single-key shortcuts (UX 11, 41)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from shared.db import db
from shared.models import Staff
from shared.models.staff import DENSITIES, THEMES
from shared.services.fields import Reading, one_of

SWITCH = {"on": True, "off": False}


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names to choose from: UTC, then every region and city; old aliases without a region are left out."""
    cities = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return ("UTC", *sorted(cities))


def prefer(*, staff_id: uuid.UUID, values: Mapping[str, Any]) -> None:
    """Keep the choices that ``values`` names; they change nothing for others, so no audit entry tells of them.

    Raises:
        InvalidInput: a value is not one of those offered, naming each.

    """
    reading = Reading({name: values[name] for name in READ if name in values})
    for name in list(reading.values):
        reading.take(name, READ[name])
    chosen = reading.finish()
    if chosen:
        db.session.execute(sa.update(Staff).filter_by(id=staff_id).values(**chosen))


def _time_zone(value: object) -> str:
    if value not in time_zones():
        raise ValueError("Choose a time zone of the list.")
    return str(value)


READ: dict[str, Callable[[Any], Any]] = {
    "theme": lambda value: one_of(value, THEMES),
    "density": lambda value: one_of(value, DENSITIES),
    "time_zone": _time_zone,
    "hotkeys": lambda value: SWITCH[one_of(value, tuple(SWITCH))],
}
