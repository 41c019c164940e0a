"""What a taken gateway could do with its database login: the little it was granted (SCHEMA 9, 10)."""

from __future__ import annotations

import psycopg
import pytest

from tests.world import World

READS = (
    "environment", "product", "generator", "contract", "contract_quota", "contract_key", "generation", "job", "license",
    "alembic_version",
)  # fmt: skip
COUNTED = ("api_call_day", "api_refusal_minute")  # read by the statement that adds to them
CLOSED = ("contract_key_secret", "staff", "staff_session", "one_time_link", "customer", "audit_entry", "audit_unsealed",
    "api_call",
)  # fmt: skip
REFUSED = [
    *(f"TABLE {table}" for table in CLOSED),
    *(f"DELETE FROM {table}" for table in (*READS, *COUNTED, *CLOSED)),  # noqa: S608 - our own names
    *(f"TRUNCATE {table}" for table in (*READS, *CLOSED)),
    "UPDATE contract_quota SET quota = quota + 1",
    "UPDATE contract_quota SET accepting = true",
    "UPDATE contract_quota SET low_stock_since = now()",
    "INSERT INTO contract_quota (contract_id, quota) VALUES (gen_random_uuid(), 1)",
    "UPDATE contract SET name = 'mine'",
    "UPDATE contract SET allow = '{}'",
    "UPDATE contract_key SET role = 'current'",
    "UPDATE contract_key SET ends_at = NULL",
    "UPDATE contract_key SET digest = ''",
    "INSERT INTO contract_key (id) VALUES (gen_random_uuid())",
    "UPDATE license SET status = 'revoked'",
    "UPDATE license SET key = 'mine'",
    "UPDATE generation SET status = 'failed'",
    "UPDATE generation SET count = 1",
    "UPDATE job SET status = 'completed'",
    "UPDATE job SET cancel_requested = true",
    "UPDATE product SET status = 'active'",
    "UPDATE generator SET pattern = 'A'",
    "INSERT INTO product (id, code, name, environment_id) VALUES (gen_random_uuid(), 'c', 'n', 1)",
    "INSERT INTO staff (id, email, role) VALUES (gen_random_uuid(), 'a@b', 'super_admin')",
    "SELECT FROM contract FOR UPDATE",
    "SELECT FROM license FOR SHARE",
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine AS SELECT * FROM staff",
    "ALTER TABLE license DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_append_only ON audit_entry",
    "ALTER ROLE allotment_gateway SUPERUSER",
    "COPY license TO PROGRAM 'true'",
]
ALLOWED = [
    *(f"TABLE {table}" for table in READS),
    "UPDATE contract_quota SET used = used + 1, reserved = 0, test_live = 0",
    "UPDATE contract_key SET last_used_at = now(), last_used_address = '192.0.2.1'",
    "INSERT INTO audit_entry (id, subject, action, actor) VALUES (gen_random_uuid(), 's', 'a', 'key:x')",
    "INSERT INTO audit_unsealed (entry_id) VALUES (gen_random_uuid())",
]


def refusal(url: str, role: str, sql: str) -> str | None:
    """Return the SQLSTATE that refuses ``sql`` under ``role``, or None; whatever it did is undone."""
    with psycopg.connect(url, options=f"-c role={role}") as connection:
        try:
            connection.execute(sql.encode())
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            connection.rollback()
    return None


@pytest.mark.parametrize("sql", REFUSED)
def test_the_gateway_is_refused_what_is_not_its_work(world: World, owner_url: str, sql: str) -> None:
    world.reseller()
    assert refusal(owner_url, "allotment_gateway", sql) == "42501"


@pytest.mark.parametrize("sql", ALLOWED)
def test_the_gateway_may_do_its_work(world: World, owner_url: str, sql: str) -> None:
    world.reseller()
    assert refusal(owner_url, "allotment_gateway", sql) is None


def test_the_gateway_sees_no_table_that_this_list_does_not_name(app: object, owner_url: str) -> None:  # noqa: ARG001
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT tablename, has_table_privilege('allotment_gateway', format('public.%I', tablename), 'SELECT')"
            " FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert {table for table, readable in found if readable} == {*READS, *COUNTED}
    assert set(CLOSED) <= {table for table, readable in found if not readable}


def test_the_back_office_may_do_what_the_gateway_may_not(world: World, owner_url: str) -> None:
    """The negative control: the statements themselves are sound."""
    world.reseller()
    for sql in (
        "UPDATE contract_quota SET quota = quota + 1",
        "SELECT count(*) FROM staff",
        "SELECT FROM contract FOR UPDATE",
    ):
        assert refusal(owner_url, "allotment_app", sql) is None
