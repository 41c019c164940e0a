"""The numbers, warnings and first steps of Home; every number leads to the list it counts."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.engine import Row

from admin_app.views import words
from admin_app.views.page import Badge
from admin_app.visit import visitor
from shared import db

_NUMBERS = """
SELECT (SELECT count(*) FROM product WHERE environment_id = %(here)s AND deleted_at IS NULL) AS products,
       (SELECT count(*) FROM generator WHERE environment_id = %(here)s AND deleted_at IS NULL) AS generators,
       (SELECT count(*) FROM contract WHERE environment_id = %(here)s AND deleted_at IS NULL) AS contracts,
       (SELECT count(*) FROM license WHERE environment_id = %(here)s AND NOT test) AS licenses,
       (SELECT count(*) FROM job WHERE environment_id = %(here)s AND status IN ('queued', 'running')) AS jobs,
       (SELECT count(*) FROM job WHERE environment_id = %(here)s AND status = 'failed') AS failed_jobs,
       (SELECT count(*) FILTER (WHERE q.used >= q.quota) FROM contract c JOIN contract_quota q ON q.contract_id = c.id
         WHERE c.environment_id = %(here)s AND c.deleted_at IS NULL) AS full_contracts,
       (SELECT count(*) FILTER (WHERE q.used < q.quota AND q.used >= q.quota - q.quota / 10)
          FROM contract c JOIN contract_quota q ON q.contract_id = c.id
         WHERE c.environment_id = %(here)s AND c.deleted_at IS NULL) AS near_contracts,
       EXISTS (SELECT FROM contract_key k JOIN contract c ON c.id = k.contract_id
                WHERE c.environment_id = %(here)s AND k.last_used_at IS NOT NULL) AS is_called"""


def read() -> dict[str, Any]:
    """Return what Home takes."""
    (found,) = db.run(_NUMBERS, here=visitor().environment_id)
    return {"numbers": _numbers(found), "attention": _attention(found), "checklist": _checklist(found)}


def _numbers(found: Row[Any]) -> list[dict[str, Any]]:
    return [
        {"label": "Contracts", "value": found.contracts, "url": _list("contracts"), "note": ""},
        {
            "label": "Licenses",
            "value": found.licenses,
            "url": _list("licenses", test="no"),
            "note": "without test licenses",
        },
        {"label": "Products", "value": found.products, "url": _list("products"), "note": ""},
        {"label": "Running jobs", "value": found.jobs, "url": _list("jobs", status="unfinished"), "note": ""},
    ]


def _attention(found: Row[Any]) -> list[dict[str, Any]]:
    known = (
        (found.full_contracts, Badge("used up", "warning"), "contract", "no quota left",
         _list("contracts", fill="full")),
        (found.near_contracts, Badge("near quota", "warning"), "contract", "used 90 % of the quota or more",
         _list("contracts", fill="near")),
        (found.failed_jobs, Badge("failed", "danger"), "job", "failed", _list("jobs", status="failed")),
    )  # fmt: skip
    return [
        {
            "badge": badge,
            "text": f"{words.counted(count, f'{noun} has', f'{noun}s have')} {what}",
            "url": url,
            "link_label": "Show",
        }
        for count, badge, noun, what, url in known
        if count
    ]


def _checklist(found: Row[Any]) -> list[dict[str, Any]]:
    """Return the first steps in their order, each ticked by what is there; nothing once all are done (SPEC X-3)."""
    steps = [
        ("Create a product", "products.create_view", found.products),
        ("Create a generator: how its keys look", "generators.create_view", found.generators),
        ("Create a contract", "contracts.create_view", found.contracts),
        ("Generate the first licenses", "contracts.index_view", found.licenses),
        ("See the first call of a reseller arrive", "contracts.index_view", found.is_called),
    ]
    if all(done for _, _, done in steps):
        return []
    return [{"label": label, "url": url_for(endpoint), "is_done": bool(done)} for label, endpoint, done in steps]


def _list(noun: str, **filters: Any) -> str:
    return url_for(f"{noun}.index_view", **filters)
