"""Two people saved one contract: what differs, field by field (UX 21)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from wtforms import BooleanField, Field, RadioField, SelectField

from admin_app.forms.contract import ContractForm, typed
from admin_app.views import people, words
from admin_app.views.choices import labels_of
from shared.db import db
from shared.models import AuditEntry, Contract

# Each of these raised the version by one and says what the fields were before.
CHANGES = ("contract.amended", "contract.quota_raised", "contract.quota_lowered")
UNSEEN_MOST = 100
# Not compared: what guards the form, what only fills other fields, what is fixed.
ASIDE = frozenset({"version", "rate_preset", "preset_shown", "type", "product_id"})
INHERITED = "inherited"


def conflict_of(contract: Contract, form: ContractForm) -> dict[str, Any]:
    """Return what the conflict page takes: who saved since, the fields that differ, and one's own form again."""
    unseen = contract.version - form.opened_version()
    entries = _last_changes(contract, min(max(unseen, 1), UNSEEN_MOST))
    return {
        "changed_by": people.names_of([entries[0].actor])[entries[0].actor] if entries else "Somebody",
        "changed_at": entries[0].at if entries else contract.updated_at,
        "differences": list(_differences(form, typed(contract), _before(entries))),
        "resubmit": [*_own(form), ("version", str(contract.version))],
    }


def _last_changes(contract: Contract, count: int) -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.contract_id == contract.id, AuditEntry.action.in_(CHANGES))
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(count)))


def _before(entries: list[AuditEntry]) -> dict[str, Any]:
    """Return field → value when the form was opened: the oldest unseen change of a field knows it."""
    return {name: pair[0] for entry in entries for name, pair in entry.changes.items()}


def _differences(form: ContractForm, theirs: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, field in form._fields.items():
        if name in ASIDE:
            continue
        now, yours = _meaning(field, theirs.get(name)), _meaning(field, field.data)
        if now == yours:
            continue
        then = _meaning(field, before[name]) if name in before else now
        for label, values in _rows(field, (then, now, yours)):
            yield dict(zip(("label", "before", "theirs", "yours"), (label, *values), strict=True))


def _meaning(field: Field, value: Any) -> Any:
    """Return what was typed or saved without what does not matter: layout of JSON, comments of an allowlist."""
    if isinstance(field, BooleanField):
        return bool(value)
    if isinstance(value, dict):
        return value
    text = "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    text = text.replace("\r\n", "\n").strip()
    if field.short_name == "allow":
        return "\n".join(entry for line in text.split("\n") if (entry := line.partition("#")[0].strip()))
    return _parsed(text) if field.short_name == "overrides" else text


def _parsed(text: str) -> Any:
    """Return what a text of JSON means, or the text where it means nothing."""
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return text


def _rows(field: Field, values: tuple[Any, Any, Any]) -> Iterator[tuple[str, list[str]]]:
    """Return the lines of a field that differs; overrides have one for each feature."""
    if not all(isinstance(value, dict) for value in values):
        yield field.label.text, [_shown(field, value) for value in values]
        return
    _, now, yours = values
    for name in sorted({*now, *yours}):
        if name not in now or name not in yours or now[name] != yours[name]:
            yield (
                f"Override of {name}",
                [json.dumps(each[name], ensure_ascii=False) if name in each else INHERITED for each in values],
            )


def _shown(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(field, SelectField | RadioField):
        return labels_of(field.choices).get(value) or words.value(value)
    return words.value(value)


def _own(form: ContractForm) -> list[tuple[str, str]]:
    """Return one's own form as it was sent, blanks too; an unticked box sends nothing."""
    return [
        (name, "1" if field.data is True else str(field.data or ""))
        for name, field in form._fields.items()
        if name != "version" and field.data is not False and field.raw_data
    ]
