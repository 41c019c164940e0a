"""P17: the books balance, checked after every test that writes."""

from __future__ import annotations

from tests.world import rows

UNBALANCED = """
SELECT q.contract_id, q.used, q.reserved, made.n AS licenses, counted.n AS generated, open.n AS open,
       q.test_live, trial.n AS test_licenses
  FROM contract_quota q
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM license l WHERE l.contract_id = q.contract_id AND NOT l.test) made
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM license l WHERE l.contract_id = q.contract_id AND l.test) trial
  CROSS JOIN LATERAL (
      SELECT COALESCE(sum(COALESCE(j.done, g.count)), 0) AS n
        FROM generation g LEFT JOIN job j ON j.id = g.id
       WHERE g.contract_id = q.contract_id AND NOT g.test AND g.status <> 'refused') counted
  CROSS JOIN LATERAL (
      SELECT COALESCE(sum(j.total - j.done), 0) AS n
        FROM job j WHERE j.contract_id = q.contract_id AND j.status IN ('queued', 'running')) open
 WHERE q.used <> made.n OR q.used <> counted.n OR q.reserved <> open.n OR q.used + q.reserved > q.quota
    OR q.test_live <> trial.n"""


def unbalanced() -> list[object]:
    """Return the contracts whose counters disagree with the licenses, generations and open jobs there are."""
    return list(rows(UNBALANCED))
