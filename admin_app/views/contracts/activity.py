"""What happened to a contract, from the audit trail: who, what, each field before and after (SPEC D-7)."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from admin_app.views import people, words
from admin_app.views.listing import ListSpec, parse
from admin_app.views.page import Column, EmptyState, Row, pager
from shared.db import db
from shared.models import AuditEntry

LATEST = 12
SPEC = ListSpec(sorts=frozenset({"time"}), default_sort="-time")
COLUMNS = (
    Column(key="at", label="Time", kind="time", sort="time"),
    Column(key="by", label="By"),
    Column(key="action", label="Action"),
    Column(key="changes", label="Changes"),
)
EMPTY = EmptyState(title="No activity", text="Nothing has been recorded for this contract.", icon="history")


def latest(contract_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the newest entries of a contract."""
    entries = db.session.scalars(_query(contract_id).order_by(AuditEntry.id.desc()).limit(LATEST)).all()
    names = people.names_of(entry.actor for entry in entries)
    return [
        {"at": entry.at, "by": names[entry.actor], "action": action_words(entry.action), "changes": _changes(entry)}
        for entry in entries
    ]


def page_of(contract_id: uuid.UUID, args: MultiDict[str, str], path: str) -> dict[str, Any]:
    """Return what the list template takes: one page of all entries of a contract."""
    counted = sa.select(sa.func.count()).select_from(_query(contract_id).subquery())
    total = db.session.scalar(counted) or 0
    state = parse(args, SPEC).within(total)
    order = AuditEntry.id.desc() if state.is_descending else AuditEntry.id.asc()
    entries = db.session.scalars(_query(contract_id).order_by(order).offset(state.offset).limit(state.size)).all()
    names = people.names_of(entry.actor for entry in entries)
    return {
        "page_title": "Activity",
        "list_url": path,
        "state": state,
        "search_label": "",
        "filters": [],
        "chips": [],
        "clear_url": path,
        "sort_options": [],
        "result_count_text": words.counted(total, "entry", "entries"),
        "columns": COLUMNS,
        "rows": [_row(entry, names) for entry in entries],
        "pager": pager(state, total, path),
        "bulk": None,
        "empty": EMPTY,
    }


def action_words(action: str) -> str:
    """Return an audit action as words: ``contract.quota_raised`` is “contract quota raised”."""
    return action.replace(".", " ").replace("_", " ")


def _query(contract_id: uuid.UUID) -> sa.Select[AuditEntry]:
    return sa.select(AuditEntry).where(AuditEntry.contract_id == contract_id)


def _row(entry: AuditEntry, names: dict[str, str]) -> Row:
    cells = {
        "at": entry.at,
        "by": names[entry.actor],
        "action": action_words(entry.action),
        "changes": "; ".join(_line(change) for change in _changes(entry)),
    }
    return Row(id=str(entry.id), label=entry.action, cells=cells)


def _line(change: dict[str, Any]) -> str:
    before = "" if change["before"] is None else f"{change['before']} → "
    return f"{change['field']}: {before}{change['after']}"


def _changes(entry: AuditEntry) -> list[dict[str, Any]]:
    """Return field, before and after; a plain fact has no before."""
    found = []
    for field, change in sorted(entry.changes.items()):
        is_pair = isinstance(change, list) and len(change) == 2  # noqa: PLR2004 - before and after
        before = words.value(change[0]) if is_pair else None
        found.append(
            {
                "field": field.replace("_", " "),
                "before": before,
                "after": words.value(change[1] if is_pair else change),
            }
        )
    return found
