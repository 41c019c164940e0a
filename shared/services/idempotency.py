"""The same key with the same request is the first answer again; with another request it is refused (GATEWAY 6)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from shared import db
from shared.errors import IdempotencyKeyReused, LicensesPurged
from shared.services.blueprint import Blueprint
from shared.services.outcome import MadeLicense, Outcome

Scope = Literal["api", "admin_api", "ui", "schedule"]

_FIND = """
SELECT g.id, g.count AS asked, g.test, g.quota_remaining, g.terms, g.fingerprint, j.id IS NOT NULL AS is_job
  FROM generation g LEFT JOIN job j ON j.id = g.id
 WHERE g.contract_id = %(contract_id)s AND g.idem_scope = %(scope)s AND g.idem_key = %(key)s"""
_LICENSES = "SELECT id::text AS id, key FROM license WHERE generation_id = %(id)s ORDER BY ordinal"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A caller's word that two requests are the same; counted per contract and scope."""

    scope: Scope
    key: str
    fingerprint: bytes


def claim_of(*, scope: Scope, key: str | None, request: dict[str, Any]) -> Claim | None:
    """Return the claim of ``key`` over the effective parameters of ``request``, or None without a key.

    Spelling does not matter: members are sorted and defaults are filled in by the caller.
    """
    if key is None:
        return None
    text = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return Claim(scope=scope, key=key, fingerprint=hashlib.sha256(text.encode()).digest())


def find_replay(blueprint: Blueprint, claim: Claim | None) -> Outcome | None:
    """Return the first answer to ``claim``, or None when it was never used.

    Raises:
        IdempotencyKeyReused: the key was used for another request.
        LicensesPurged: the answer's test licenses are gone.

    """
    if claim is None:
        return None
    row = db.first(_FIND, contract_id=blueprint.contract_id, scope=claim.scope, key=claim.key)
    if row is None:
        return None
    if row.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    licenses = [] if row.is_job else [MadeLicense(made.id, made.key) for made in db.run(_LICENSES, id=row.id)]
    if row.test and len(licenses) < row.asked:
        raise LicensesPurged
    return Outcome(
        generation_id=row.id, count=row.asked, is_job=row.is_job, test=row.test,
        quota_remaining=row.quota_remaining, terms=row.terms, licenses=licenses, replayed=True,
    )  # fmt: skip
