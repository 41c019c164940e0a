"""The palette: pages, contracts, licenses and jobs by what they are called, as far as the person may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
Groups = list[tuple[str, list[Link]]]


def cleaned(query: str) -> str:
    """Return what was typed without what no name contains."""
    return "".join(symbol for symbol in query if symbol.isprintable()).strip()[:LONGEST]


def find(query: str, menu: Iterable[Any]) -> Groups:
    """Return the groups that hold something, pages first: a page's name typed in full is what Enter opens."""
    groups = [("Pages", _pages(query, menu)), ("Actions", _actions(query))]
    if query:
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
    )
    return [
        Link(label=label, url=url_for(endpoint), icon="plus")
        for label, endpoint, permission in known
        if query and query.lower() in label.lower() and visitor().may(permission)
    ]


def _contracts(query: str) -> list[Link]:
    here = sa.select(Contract).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    found = db.session.scalars(
        here.where(contains(query, Contract.name, Contract.id)).order_by(Contract.name).limit(MOST)
    )
    return [
        Link(label=row.name, url=_page_of("contracts", row.id), icon="file-certificate", note=str(row.id))
        for row in found
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
