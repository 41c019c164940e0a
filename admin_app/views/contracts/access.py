"""The API access of a contract as its page shows it: masked key, endpoint, limits, last call (SPEC D-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for

from admin_app.permissions import Permission
from admin_app.views import words
from admin_app.views.contracts.shown import curl_of, endpoint_of
from admin_app.views.page import Action, Badge, Fact
from admin_app.visit import visitor
from shared.db import db
from shared.models import Contract, ContractKey

KEY_OLD_AFTER_DAYS = 365


def access_of(contract: Contract, at: datetime) -> dict[str, Any] | None:
    """Return what the page shows of a contract's API access, or None while it is off."""
    if not contract.api_access:
        return None
    found = db.session.scalars(
        sa.select(ContractKey).where(ContractKey.contract_id == contract.id, ContractKey.role != "ended")
    )
    keys = {key.role: key for key in found}
    current = keys.get("current")
    return {
        "badge": Badge("on", "success") if current else Badge("no key", "warning"),
        "masked_key": current.masked if current else "No key is in force",
        "endpoint": endpoint_of(contract),
        "curl": curl_of(contract),
        "windows": [],
        "last_call": [*_limits(contract), *_last_call(current), *_overlap(keys.get("previous"), at)],
        "age": _age(current, at),
        "actions": _actions(contract, current),
    }


def _limits(contract: Contract) -> list[Fact]:
    limits = ((contract.per_minute, "a minute"), (contract.per_hour, "an hour"), (contract.per_day, "a day"))
    calls = ", ".join(f"{words.number(limit)} {window}" for limit, window in limits if limit)
    allowed = ", ".join(str(block) for block in contract.allow)
    return [
        Fact(label="Calls allowed", value=calls or "no limit"),
        Fact(label="Addresses allowed", value=allowed or "every address"),
    ]


def _last_call(key: ContractKey | None) -> list[Fact]:
    if key is None:
        return []
    address = str(key.last_used_address) if key.last_used_address else ""
    return [Fact(label="Last call", value=key.last_used_at, kind="time", note=f"from {address}" if address else "")]


def _overlap(previous: ContractKey | None, at: datetime) -> list[Fact]:
    if previous is None or previous.ends_at is None or previous.ends_at <= at:
        return []
    return [Fact(label="Old key works until", value=previous.ends_at, kind="time", note=previous.masked)]


def _age(key: ContractKey | None, at: datetime) -> Fact:
    if key is None:
        return Fact(label="Key issued", value=None)
    is_old = (at - key.created_at).days >= KEY_OLD_AFTER_DAYS
    return Fact(label="Key issued", value=key.created_at, kind="time", note="Time to rotate it." if is_old else "")


def _actions(contract: Contract, key: ContractKey | None) -> list[Action]:
    if not visitor().may(Permission.HANDLE_CONTRACT_KEYS):
        return []

    def url(name: str) -> str:
        return url_for(f"contracts.{name}", row_id=contract.id)

    if key is None:
        return [Action(label="Issue new key", url=url("issue_view"), icon="key", post=True)]
    return [
        Action(label="Reveal", url=url("ask_reveal"), icon="eye", dialog=True),
        Action(label="Rotate", url=url("ask_rotate"), icon="rotate", dialog=True),
        Action(label="Revoke", url=url("ask_revoke"), icon="ban", tone="danger", dialog=True),
    ]
