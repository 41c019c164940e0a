"""What is still missing until a reseller's first accepted call, read from the data (SPEC 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from admin_app import rates
from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.contracts.access import keys_of
from admin_app.views.contracts.call_words import result_of
from admin_app.views.page import Link
from admin_app.visit import visitor
from shared.db import db
from shared.errors import AddressNotAllowed
from shared.models import ApiCall, Contract, Generation


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step before the first accepted call; ``link`` leads to where it is done, for those who may."""

    label: str
    is_done: bool
    note: str = ""
    link: Link | None = None


def steps_of(contract: Contract, calls: Sequence[ApiCall], at: datetime) -> list[Step]:
    """Return the steps of a contract with API access, or none once a call of it made licenses."""
    if not contract.api_access or _has_generated(contract):
        return []
    last = calls[0] if calls else None
    return [
        _key(contract),
        _address(contract, last),
        _limits(contract),
        _parts(contract),
        _gate(contract, at),
        _first_call(contract, last),
    ]


def _has_generated(contract: Contract) -> bool:
    here = (Generation.environment_id == contract.environment_id, Generation.contract_id == contract.id)
    found = sa.select(Generation.id).where(*here, Generation.method == "api").limit(1)
    return db.session.scalar(found) is not None


def _key(contract: Contract) -> Step:
    key = keys_of(contract).get("current")
    if key is None:
        link = Link(label="Issue a key", url="#access")
        return Step(label="Contract key issued", is_done=False, note="No key is in force.", link=link)
    sheet = Link(label="Partner sheet", url=url_for("contracts.sheet_view", row_id=contract.id))
    note = "Hand it over through a secure channel, apart from the partner sheet."
    return Step(label="Contract key issued", is_done=True, note=note, link=sheet)


def _address(contract: Contract, last: ApiCall | None) -> Step:
    is_refused = last is not None and last.code == AddressNotAllowed.code
    note = ", ".join(str(block) for block in contract.allow) or "Open to every address."
    if is_refused and last is not None:
        note = f"The last call came from {last.address or 'an unknown address'}, which is not allowed."
    link = _edit(contract, "allow", "Edit the allowlist")
    return Step(label="Addresses allowed", is_done=not is_refused, note=note, link=link)


def _limits(contract: Contract) -> Step:
    is_set = any(rates.limits_of(contract).values())
    note = "" if is_set else "Nothing bounds how often the key is used."
    return Step(label="Rate limits set", is_done=is_set, note=note, link=_edit(contract, "per_minute", "Set limits"))


def _parts(contract: Contract) -> Step:
    product, generator = contract.product, contract.generator
    link, note = None, ""
    if product.status != "active" or product.deleted_at is not None:
        note = f"The product {product.name} is not active."
        link = Link(label="Open the product", url=url_for("products.details_view", row_id=product.id))
    elif generator.status != "active" or generator.deleted_at is not None:
        note = f"The generator {generator.name} is not active."
        link = Link(label="Open the generator", url=url_for("generators.details_view", row_id=generator.id))
    return Step(label="Product and generator usable", is_done=not note, note=note, link=link)


def _gate(contract: Contract, at: datetime) -> Step:
    if contract.is_expired(at):
        note, link = "Its date has passed.", _edit(contract, "expiry_kind", "Change the date")
        return Step(label="Contract active", is_done=False, note=note, link=link)
    if contract.status == "active":
        return Step(label="Contract active", is_done=True)
    is_open = contract.test_until is not None and contract.test_until > at
    if is_open and contract.test_until:
        note = f"Test licenses may be made until {words.day(contract.test_until)}."
        return Step(label="Test window open", is_done=True, note=note)
    note = "Test licenses can be made before." if contract.activated_at is None else "Every call is refused."
    return Step(label="Contract active", is_done=False, note=note, link=_edit(contract, "active", "Activate it"))


def _first_call(contract: Contract, last: ApiCall | None) -> Step:
    if last is None:
        return Step(label="First call accepted", is_done=False, note="No call has arrived yet.")
    outcome = " ".join(filter(None, (result_of(last).word, str(last.status), last.code)))
    url = url_for("contracts.calls_view", row_id=contract.id)
    link = Link(label="See calls", url=url)
    return Step(label="First call accepted", is_done=False, note=f"The last call: {outcome}.", link=link)


def _edit(contract: Contract, field: str, label: str) -> Link | None:
    if not visitor().may(Permission.EDIT_CONTRACTS):
        return None
    return Link(label=label, url=f"{url_for('contracts.edit_view', row_id=contract.id)}#{field}")
