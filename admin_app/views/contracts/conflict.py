"""Two people saved one contract: what differs, field by field."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from admin_app.forms.contract import ContractForm, typed
from admin_app.views import people, words
from shared.db import db
from shared.models import AuditEntry, Contract

# Each of these raised the version by one and says what the fields were before.
CHANGES = ("contract.amended", "contract.quota_raised", "contract.quota_lowered")
UNSEEN_MOST = 100


def conflict_of(contract: Contract, form: ContractForm) -> dict[str, Any]:
    """Return what the conflict page takes: who saved since, the fields that differ, and one's own form again."""
    unseen = contract.version - form.opened_version()
    entries = _last_changes(contract, min(max(unseen, 1), UNSEEN_MOST))
    theirs, before = typed(contract), _before(entries)
    differences = []
    for name, field in form._fields.items():
        now, yours = str(theirs.get(name, "")), str(field.data if field.data is not None else "")
        if name in {"version", "rate_preset", "type", "product_id"} or _meaning(name, now) == _meaning(name, yours):
            continue
        then = words.value(before[name]) if name in before else now
        differences.append({"label": field.label.text, "before": then, "theirs": now, "yours": yours})
    return {
        "changed_by": people.names_of([entries[0].actor])[entries[0].actor] if entries else "Somebody",
        "changed_at": entries[0].at if entries else contract.updated_at,
        "differences": differences,
        "resubmit": [*_own(form), ("version", str(contract.version))],
    }


def _last_changes(contract: Contract, count: int) -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.contract_id == contract.id, AuditEntry.action.in_(CHANGES))
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(count)))


def _before(entries: list[AuditEntry]) -> dict[str, Any]:
    """Return field → value when the form was opened: the oldest unseen change of a field knows it."""
    return {name: pair[0] for entry in entries for name, pair in entry.changes.items()}


def _meaning(name: str, text: str) -> Any:
    """Return what was typed without what does not matter: the layout of JSON, the comments of an allowlist."""
    lines = text.replace("\r\n", "\n").strip().split("\n")
    if name == "allow":
        return [entry for line in lines if (entry := line.partition("#")[0].strip())]
    try:
        return json.loads(text) if name == "overrides" else lines
    except (ValueError, RecursionError):
        return lines


def _own(form: ContractForm) -> list[tuple[str, str]]:
    """Return one's own form as it was sent; an unticked box sends nothing."""
    return [
        (name, "1" if field.data is True else str(field.data))
        for name, field in form._fields.items()
        if name != "version" and field.data not in {None, False, ""} and field.raw_data
    ]
