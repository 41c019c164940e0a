"""The API access of a contract as its page shows it: masked key, endpoint, calls, last call (SPEC D-5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import url_for

from admin_app import rates
from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.contracts.call_words import call_of, result_of
from admin_app.views.contracts.shown import curl_of, endpoint_of
from admin_app.views.page import Action, Badge, Fact
from admin_app.visit import visitor
from shared.db import db
from shared.models import ApiCall, Contract, ContractKey
from shared.services import installation


def access_of(contract: Contract, calls: Sequence[ApiCall], at: datetime) -> dict[str, Any] | None:
    """Return what the page shows of a contract's API access, or None while it is off.

    ``look`` asks Redis, so the template calls it: by then the transaction of the page has ended.
    """
    if not contract.api_access:
        return None
    keys = keys_of(contract)
    current = keys.get("current")
    return {
        "badge": Badge("on", "success") if current else Badge("no key", "warning"),
        "masked_key": current.masked if current else "",
        "key_facts": [*_age(current, at), *_overlap(keys.get("previous"), at)],
        "endpoint": endpoint_of(contract),
        "curl": curl_of(contract),
        "look": partial(rates.look, contract.id, rates.limits_of(contract)),
        "last_call": _last_call(current, calls),
        "addresses": ", ".join(str(block) for block in contract.allow) or "every address",
        "sheet_url": url_for("contracts.sheet_view", row_id=contract.id),
        "actions": _actions(contract, current),
    }


def keys_of(contract: Contract) -> dict[str, ContractKey]:
    """Return the keys of a contract that did not end, by their role."""
    alive = sa.select(ContractKey).where(ContractKey.contract_id == contract.id, ContractKey.role != "ended")
    return {key.role: key for key in db.session.scalars(alive)}


def off_sentence(contract: Contract) -> str:
    """Return what it means that API access is off."""
    if "current" in keys_of(contract):
        return "Its key is suspended and works again, unchanged, once API access is on."
    return "Only staff generate from this contract."


def _last_call(key: ContractKey | None, calls: Sequence[ApiCall]) -> dict[str, Any] | None:
    """Return the newest call; the key remembers when and from where after the log has forgotten the call."""
    if calls:
        call = calls[0]
        return {"at": call.at, "what": call_of(call), "badge": result_of(call), "status": call.status,
                "code": call.code or "", "address": call.address or ""}  # fmt: skip
    if key is None or key.last_used_at is None:
        return None
    return {"at": key.last_used_at, "what": "", "badge": None, "address": key.last_used_address or ""}


def _overlap(previous: ContractKey | None, at: datetime) -> list[Fact]:
    if previous is None or previous.ends_at is None or previous.ends_at <= at:
        return []
    return [Fact(label="Old key works until", value=previous.ends_at, kind="time", note=previous.masked)]


def _age(key: ContractKey | None, at: datetime) -> list[Fact]:
    """Return when the key was made, with a reminder once it is older than the installation wants (SPEC D-5)."""
    if key is None:
        return []
    days, due = (at - key.created_at).days, installation.read().key_rotation_days
    age = words.counted(days, "day old", "days old") if days else ""
    note = f"{age}. Keys are due for rotation after {words.counted(due, 'day', 'days')}." if days >= due else age
    return [Fact(label="Issued", value=key.created_at, kind="time", note=note)]


def _actions(contract: Contract, key: ContractKey | None) -> list[Action]:
    if not visitor().may(Permission.HANDLE_CONTRACT_KEYS):
        return []

    def url(name: str) -> str:
        return url_for(f"contracts.{name}", row_id=contract.id)

    if key is None:
        return [Action(label="Issue new key", url=url("issue_view"), icon="key", post=True)]
    reveal = Action(label="Reveal", url=url("ask_reveal"), icon="eye", dialog=True)
    return [
        *([reveal] if installation.read().reveal_policy != "off" else []),
        Action(label="Rotate", url=url("ask_rotate"), icon="rotate", dialog=True),
        Action(label="Revoke", url=url("ask_revoke"), tone="danger", dialog=True),
    ]
