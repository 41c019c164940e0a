"""The palette: pages, actions, contracts, licenses and jobs by what they are called, as far as the person may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from flask import url_for

from admin_app.forms.base import uuid_of
from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.filters import contains
from admin_app.views.licenses import shown_key
from admin_app.views.page import Link
from admin_app.visit import visitor
from shared.db import db
from shared.models import Contract, Job, License
from shared.services.license_keys import canonical_of

MOST = 8
LONGEST = 200
GENERATE = "generate"
Groups = list[tuple[str, list[Link]]]


@dataclass(frozen=True, kw_only=True)
class Deed(Link):
    """An action that changes something, so that it is sent: ``form`` is the form of palette.html it belongs to."""

    form: Literal["sign-out", "environment"]
    value: str = ""


def cleaned(query: str) -> str:
    """Return what was typed without what no name contains."""
    return "".join(symbol for symbol in query if symbol.isprintable()).strip()[:LONGEST]


def find(query: str, menu: Iterable[Any]) -> Groups:
    """Return the groups that hold something, pages first: a page's name typed in full is what Enter opens."""
    groups = [("Pages", _pages(query, menu))]
    if query:
        groups += [("Actions", [*_actions(query), *_generations(query), *_deeds(query)])]
        groups += [("Contracts", _contracts(query)), ("Licenses", _licenses(query)), ("Jobs", _jobs(query))]
    return [(heading, links) for heading, links in groups if links]


def _pages(query: str, menu: Iterable[Any]) -> list[Link]:
    return [
        Link(label=item.name, url=item.get_url().rstrip("/"), icon=item.get_icon_value() or "")
        for item in menu
        if item.is_accessible() and query.lower() in item.name.lower()
    ]


def _actions(query: str) -> list[Link]:
    known = (
        ("Create contract", "contracts.create_view", Permission.EDIT_CONTRACTS),
        ("Create product", "products.create_view", Permission.EDIT_PRODUCTS),
        ("Create generator", "generators.create_view", Permission.EDIT_GENERATORS),
        ("Keyboard shortcuts", "home.shortcuts", Permission.READ),
        ("Invite somebody to the staff", "staff.create_view", Permission.EDIT_STAFF),
    )
    return [
        Link(label=label, url=url_for(endpoint), icon="plus" if label.startswith(("Create", "Invite")) else "keyboard")
        for label, endpoint, permission in known
        if query.lower() in label.lower() and visitor().may(permission)
    ]


def _generations(query: str) -> list[Link]:
    """Offer to generate from the contracts called like what follows “generate”."""
    verb, _, name = query.lower().partition(" ")
    is_meant = verb.startswith(GENERATE[:3]) and GENERATE.startswith(verb)
    if not is_meant or not visitor().may(Permission.GENERATE):
        return []
    return [
        Link(
            label=f"Generate licenses from {row.name}",
            url=url_for("contracts.ask_generate", row_id=row.id),
            icon="sparkles",
        )
        for row in _contracts_called(name.strip().removeprefix("from ").strip())
    ]


def _deeds(query: str) -> list[Link]:
    known = [
        Deed(label=f"Switch to {place.name}", url="", icon="world", note="environment", form="environment",
             value=place.name)
        for place in visitor().places
        if place.id != visitor().environment_id
    ]  # fmt: skip
    known.append(Deed(label="Sign out", url="", icon="logout", form="sign-out"))
    return [deed for deed in known if query.lower() in f"{deed.label} {deed.note}".lower()]


def _contracts_called(name: str) -> Iterable[Contract]:
    here = sa.select(Contract).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    if name:
        here = here.where(contains(name, Contract.name, Contract.id))
    return db.session.scalars(here.order_by(Contract.name, Contract.id).limit(MOST))


def _contracts(query: str) -> list[Link]:
    return [
        Link(label=row.name, url=_page_of("contracts", row.id), icon="file-certificate", note=str(row.id))
        for row in _contracts_called(query)
    ]


def _licenses(query: str) -> list[Link]:
    """Find a license by its whole key or its uuid: a prefix would need the list, and would reveal masked keys."""
    here = sa.select(License).filter_by(environment_id=visitor().environment_id)
    license_id = uuid_of(query)
    same_key = License.canonical == canonical_of(query)
    found = db.session.scalars(
        here.where(sa.or_(same_key, License.id == license_id) if license_id else same_key).limit(1)
    )
    return [Link(label=shown_key(row.key), url=_page_of("licenses", row.id), icon="license") for row in found]


def _jobs(query: str) -> list[Link]:
    job_id = uuid_of(query)
    if job_id is None:
        return []
    found = db.session.scalars(sa.select(Job).filter_by(environment_id=visitor().environment_id, id=job_id))
    return [
        Link(
            label=f"Generate {words.number(row.total)}", url=_page_of("jobs", row.id), icon="activity", note=str(row.id)
        )
        for row in found
    ]


def _page_of(noun: str, row_id: object) -> str:
    return url_for(f"{noun}.details_view", row_id=row_id)
