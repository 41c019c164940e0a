"""The statements that move quota and store licenses; everything hot is written by hand here (SCHEMA 2).

An immediate generation is one statement: quota, generation, licenses and audit, each reading what the one
before it returned, so that a refusal or a twin leaves nothing behind.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from psycopg.types.json import Jsonb

IDEMPOTENCY_CONSTRAINT = "generation_idempotency_key"
COLLISIONS = ("license_canonical_key", "license_pkey")
LOCK_NOT_AVAILABLE = "55P03"

COUNTERS = """
SELECT accepting, quota, used, reserved, test_live FROM contract_quota WHERE contract_id = %(contract_id)s"""

# The guard is a difference: a sum of counters near the largest quota would overflow.
_TAKE_NOW = """
UPDATE contract_quota SET used = used + %(n)s
 WHERE contract_id = %(contract_id)s AND accepting AND %(n)s <= quota - used - reserved
RETURNING used + reserved AS used_after, quota - used - reserved AS remaining"""
_TAKE_LATER = """
UPDATE contract_quota SET reserved = reserved + %(n)s
 WHERE contract_id = %(contract_id)s AND accepting AND %(n)s <= quota - used - reserved
RETURNING used + reserved AS used_after, quota - used - reserved AS remaining"""
# Test licenses use no quota; the gate is the contract's, or open to staff, before go-live and in a test window.
# A deletion is read from the counters: that row was waited for, the contract's is as old as the statement.
_TAKE_TEST = """
UPDATE contract_quota q SET test_live = q.test_live + %(n)s FROM contract c
 WHERE q.contract_id = %(contract_id)s AND c.id = q.contract_id AND NOT q.closed
   AND q.test_live + %(n)s <= 50
   AND (q.accepting OR %(by_staff)s OR c.activated_at IS NULL OR c.test_until > %(at)s)
RETURNING NULL::bigint AS used_after, q.quota - q.used - q.reserved AS remaining"""

_GENERATION = """
INSERT INTO generation (id, environment_id, contract_id, product_id, generator_id, method, actor, reference, count,
    test, status, terms, used_after, quota_remaining, idem_scope, idem_key, fingerprint, request_id, created_at)
SELECT %(id)s, %(environment_id)s, %(contract_id)s, %(product_id)s, %(generator_id)s, %(method)s, %(actor)s,
    %(reference)s, %(n)s, %(test)s, '{status}', %(terms)s, used_after, remaining, %(scope)s, %(key)s,
    %(fingerprint)s, %(request_id)s, %(at)s
  FROM taken RETURNING id"""

_LICENSES = """
INSERT INTO license (id, key, canonical, environment_id, product_id, contract_id, generation_id, ordinal, test,
    activation_limit, expires_at, pos, created_at)
SELECT k.id, k.key, k.canonical, %(environment_id)s, %(product_id)s, %(contract_id)s, {generation_id},
    {first} + k.n - 1, %(test)s, %(activation_limit)s, %(expires_at)s,
    CASE WHEN %(pool)s THEN floor(random() * 2147483647)::int END, %(at)s
  FROM {source}unnest(%(ids)b::text[]::uuid[], %(keys)b::text[], %(canonical)b::text[])
       WITH ORDINALITY AS k(id, key, canonical, n)"""

# The hint sent after commit comes first; the sweeper looks only when it was lost.
_JOB = """
INSERT INTO job (id, kind, environment_id, contract_id, total, actor, created_at, not_before)
SELECT id, 'generate', %(environment_id)s, %(contract_id)s, %(n)s, %(actor)s, %(at)s,
    now() + interval '10 seconds' FROM accepted"""

_AUDIT = """
INSERT INTO audit_entry (id, environment_id, contract_id, subject, action, actor, address, request_id, changes)
SELECT %(entry_id)s, %(environment_id)s, %(contract_id)s, %(subject)s, '{action}', %(actor)s, %(address)s::inet,
    %(request_id)s, %(changes)s FROM accepted"""

# The gateway may add to the audit trail and not read it, so nothing is returned from there.
_UNSEALED = "INSERT INTO audit_unsealed (entry_id) SELECT %(entry_id)s FROM accepted"

CHUNK_LICENSES = _LICENSES.format(generation_id="%(generation_id)s", first="%(first)s", source="")


@cache
def statement(*, test: bool, job: bool) -> str:
    """Return the one statement that accepts a generation; it returns no row when a guard refused."""
    take = _TAKE_TEST if test else _TAKE_LATER if job else _TAKE_NOW
    made = _JOB if job else _LICENSES.format(generation_id="accepted.id", first="0", source="accepted, ")
    accepted = _GENERATION.format(status="open" if job else "completed")
    audit = _AUDIT.format(action="generation.accepted" if job else "licenses.generated")
    parts = {"taken": take, "accepted": accepted, "made": made, "noted": audit, "queued": _UNSEALED}
    steps = ", ".join(f"{name} AS ({part})" for name, part in parts.items())
    return f"WITH {steps} SELECT used_after, remaining FROM taken"  # noqa: S608 - constants of this module


def json(value: dict[str, Any]) -> Jsonb:
    """Return ``value`` as a parameter of type jsonb."""
    return Jsonb(value)
