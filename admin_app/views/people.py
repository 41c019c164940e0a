"""Names of actors: staff by their e-mail, everything else in words."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from admin_app.forms.base import uuid_of
from shared.db import db
from shared.models import Staff

OTHERS = {"command": "Command line", "schedule": "Schedule", "worker": "Worker"}


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return actor → name for all of ``actors``, with one query however many there are."""
    wanted = set(actors)
    ids = {actor: uuid_of(actor.removeprefix("staff:")) for actor in wanted if actor.startswith("staff:")}
    found = db.session.execute(sa.select(Staff.id, Staff.email).where(Staff.id.in_(filter(None, ids.values()))))
    emails = {row.id: row.email for row in found}
    return {actor: _name(actor, emails.get(ids.get(actor))) for actor in wanted}


def _name(actor: str, email: str | None) -> str:
    if email:
        return email
    if actor.startswith("key:"):
        return f"Contract key …{actor[-4:]}"
    return OTHERS.get(actor, actor)
