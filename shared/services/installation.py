"""What the installation is set to, for all environments: read, and changed by staff with an audit entry (SPEC X-2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from shared.db import db
from shared.errors import RevealSwitchedOff, StaleVersion
from shared.models import Setting
from shared.services import audit
from shared.services.audit import Actor
from shared.services.fields import Reading, one_of, whole

REVEAL_POLICIES = ("audited", "off")
DAYS_MOST = 3650


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Every setting with its default; one that was never changed has no row."""

    reveal_policy: str = "audited"  # or `off`: a key is shown once, when it is made
    key_rotation_days: int = 365  # a contract key older than this is due for rotation

    @property
    def fingerprint(self) -> str:
        """Return a short text that differs when any setting does: a form gives it back to tell a stale edit."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def read() -> Installation:
    """Return the settings as they are; a name that this version does not know is left alone."""
    known = {field.name for field in fields(Installation)}
    rows = db.session.execute(sa.select(Setting.name, Setting.value))
    return Installation(**{name: value for name, value in rows if name in known})


def change(*, values: Mapping[str, Any], seen: str, by: Actor, at: datetime) -> Installation:
    """Change the settings that ``values`` names and return them all.

    Args:
        values: setting → what was typed; settings that are not named stay.
        seen: the fingerprint of the settings that the person was shown.
        by: who changes them.
        at: when.

    Raises:
        InvalidInput: a value cannot be used, naming each.
        StaleVersion: somebody else changed a setting meanwhile.

    """
    reading = Reading(values)
    for name in values:
        reading.take(name, READ[name])
    cleaned = reading.finish()
    db.session.execute(sa.text("LOCK TABLE setting IN SHARE ROW EXCLUSIVE MODE"))  # writers wait, readers do not
    before = read()
    if before.fingerprint != seen:
        raise StaleVersion
    changes = audit.differences(before, cleaned)
    for name in changes:
        _store(name, cleaned[name], by, at)
    if changes:
        audit.record(action="settings.changed", subject="settings", by=by, changes=changes)
    return replace(before, **cleaned)


def ensure_revealing() -> None:
    """Raise RevealSwitchedOff unless a key may be shown again."""
    if read().reveal_policy == "off":
        raise RevealSwitchedOff


def _store(name: str, value: Any, by: Actor, at: datetime) -> None:
    row = {"value": value, "updated_at": at, "updated_by": by.name}
    statement = insert(Setting).values(name=name, **row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def _days(value: object) -> int:
    days = whole(value, most=DAYS_MOST)
    if days is None:
        raise ValueError(f"Write a number of days from 1 to {DAYS_MOST}.")
    return days


# How each setting is read from a form; a test compares the names with those of Installation.
READ: dict[str, Callable[[Any], Any]] = {
    "reveal_policy": lambda value: one_of(value, REVEAL_POLICIES),
    "key_rotation_days": _days,
}
