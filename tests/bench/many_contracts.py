"""Fifty thousand contracts in a moment: written by SQL past the services, shaped like those of a busy vendor."""

from __future__ import annotations

import psycopg

from tests.world import World

PRODUCTS, PARTNERS = 30, 200
CONTRACTS = """
INSERT INTO contract (id, environment_id, product_id, generator_id, name, type, partner, reference, expiry_kind,
                      expiry_date, created_by, created_at)
SELECT (lpad(to_hex(extract(epoch FROM made)::bigint * 1000 + n %% 1000), 12, '0')
        || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 5, 15))::uuid,
       1, g.product_id, g.id, 'Contract ' || substr(md5((n * 7)::text), 1, 6) || ' ' || n,
       (ARRAY['standard', 'standard', 'reseller', 'enterprise', 'pool'])[1 + n %% 5],
       CASE WHEN n %% 4 > 0 THEN 'Partner ' || lpad((n %% %(partners)s)::text, 3, '0') END,
       CASE WHEN n %% 2 = 0 THEN 'PO-' || (100000 + n) END,
       CASE WHEN n %% 10 = 0 THEN 'date' ELSE 'never' END,
       CASE WHEN n %% 10 = 0 THEN current_date - 200 + n %% 400 END, 'command', made
  FROM (SELECT n, now() - interval '2 years' + n * interval '20 minutes' AS made
          FROM generate_series(1, %(count)s) AS n) AS numbered
  JOIN (SELECT id, product_id, row_number() OVER (ORDER BY id) - 1 AS place FROM generator WHERE environment_id = 1) g
    ON g.place = n %% (SELECT count(*) FROM generator WHERE environment_id = 1)"""
QUOTAS = """
INSERT INTO contract_quota (contract_id, accepting, quota, used)
SELECT id, place % 3 > 0, 1000, CASE WHEN place % 20 = 0 THEN 1000 ELSE place * 37 % 1000 END
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM contract) AS c
 WHERE NOT EXISTS (SELECT FROM contract_quota WHERE contract_id = c.id)"""


def seed(owner: psycopg.Connection, world: World, *, count: int) -> None:
    """Make products with a generator each and ``count`` contracts in production."""
    for n in range(PRODUCTS):
        world.generator(world.product(name=f"Product {n:02}"))
    owner.execute(CONTRACTS, {"partners": PARTNERS, "count": count})
    owner.execute(QUOTAS)
    owner.execute("VACUUM ANALYZE")
