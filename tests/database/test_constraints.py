"""What the database refuses by itself, however the statement is written (DESIGN 4.3, C-1, C-2, C-5, A-1)."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from shared.models import Contract
from tests.world import STAGING, World, one

QUOTA_ROW = "UPDATE contract_quota SET {} WHERE contract_id = %(contract)s"
CONTRACT_ROW = "UPDATE contract SET {} WHERE id = %(contract)s"
LICENSE = (
    "INSERT INTO license (id, key, canonical, environment_id, product_id, contract_id, generation_id, ordinal,"
    " activation_limit) VALUES (gen_random_uuid(), 'K', 'K', {environment}, {product}, {contract}, {generation}, 90, 1)"
)
OWN = {
    "environment": "1", "product": "%(product)s", "contract": "%(contract)s", "generation": "%(generation)s",
}  # fmt: skip
GENERATION = (
    "INSERT INTO generation (id, environment_id, contract_id, product_id, generator_id, method, actor, count, status,"
    " terms, idem_scope, idem_key, fingerprint) VALUES (gen_random_uuid(), {environment}, %(contract)s, {product},"
    " {generator}, '{method}', 'a', {count}, 'completed', '{{}}', 'api', {key}, {fingerprint})"
)
FACTS = {
    "environment": "1", "product": "%(product)s", "generator": "%(generator)s", "method": "api", "count": "1",
    "key": "'k'", "fingerprint": "'\\x00'",
}  # fmt: skip

# Each with the sentence or constraint that refuses it; the world has quota 100, used 40 and reserved 0.
REFUSED = [
    (QUOTA_ROW.format("used = 101"), "contract_quota_reserved_within_rest"),
    (QUOTA_ROW.format("used = used + 61"), "contract_quota_reserved_within_rest"),
    (QUOTA_ROW.format("reserved = 61"), "contract_quota_reserved_within_rest"),
    (QUOTA_ROW.format("reserved = 9223372036854775807"), "contract_quota_reserved_within_rest"),
    (QUOTA_ROW.format("reserved = -1"), "contract_quota_reserved_within_rest"),
    (QUOTA_ROW.format("used = 39"), "what was used is never given back"),
    (QUOTA_ROW.format("used = 39, quota = 200"), "what was used is never given back"),
    (QUOTA_ROW.format("quota = 99"), "a quota may only grow once it has been drawn on"),
    (QUOTA_ROW.format("quota = 0"), "a quota may only grow once it has been drawn on"),
    (QUOTA_ROW.format("test_live = 51"), "contract_quota_test_live_range"),
    (QUOTA_ROW.format("test_live = -1"), "contract_quota_test_live_range"),
    (CONTRACT_ROW.format("type = 'pool'"), "uuid, type, product and environment are fixed at creation"),
    (CONTRACT_ROW.format("id = gen_random_uuid()"), "uuid, type, product and environment are fixed"),
    (CONTRACT_ROW.format("product_id = %(other_product)s"), "uuid, type, product and environment are fixed"),
    (CONTRACT_ROW.format("environment_id = 2"), "uuid, type, product and environment are fixed"),
    (CONTRACT_ROW.format("generator_id = %(staging_generator)s"), "contract_generator_id_product_id_fkey"),
    (CONTRACT_ROW.format("activation_limit = 0"), "contract_activation_limit_positive"),
    (CONTRACT_ROW.format("per_minute = 0"), "contract_per_minute_range"),
    (CONTRACT_ROW.format("per_hour = 100001"), "contract_per_hour_range"),
    (CONTRACT_ROW.format("per_day = -1"), "contract_per_day_range"),
    (CONTRACT_ROW.format("expiry_kind = 'soon'"), "contract_one_expiry"),
    (CONTRACT_ROW.format("expiry_kind = 'duration'"), "contract_one_expiry"),
    (CONTRACT_ROW.format("expiry_date = '2030-01-01'"), "contract_one_expiry"),
    (CONTRACT_ROW.format("expiry_kind = 'date', expiry_date = '2030-01-01', expiry_n = 1"), "contract_one_expiry"),
    (CONTRACT_ROW.format("name = 'TAKEN'"), "contract_name_live"),
    ("UPDATE audit_entry SET actor = 'nobody'", "permission denied for table audit_entry"),
    ("DELETE FROM audit_entry", "permission denied for table audit_entry"),
    ("TRUNCATE audit_entry", "permission denied for table audit_entry"),
    ("INSERT INTO environment (id, name, tag) VALUES (9, 'mine', 'live')", "permission denied for table environment"),
    ("UPDATE alembic_version SET version_num = '0001'", "permission denied for table alembic_version"),
    ("CREATE TABLE mine (id int)", "permission denied for schema public"),
    (LICENSE.format(**{**OWN, "contract": "%(staging)s"}), "a license must have the contract"),
    (LICENSE.format(**{**OWN, "product": "%(other_product)s"}), "a license must have the contract"),
    (LICENSE.format(**{**OWN, "environment": "2"}), "a license must have the contract"),
    (LICENSE.format(**{**OWN, "generation": "NULL"}), "a license must have the contract"),
    (LICENSE.format(**{**OWN, "generation": "gen_random_uuid()"}), "a license must have the contract"),
    (LICENSE.format(**{**OWN, "contract": "NULL", "generation": "NULL", "environment": "2"}), "a license must have"),
    (LICENSE.format(**OWN).replace("'K', 'K'", "'K', 'TAKENKEY'"), "license_canonical_key"),
    (LICENSE.format(**OWN).replace(", 90, 1)", ", 0, 1)"), "license_generation_ordinal_key"),
    ("UPDATE license SET activations = activation_limit + 1", "license_activations_within_limit"),
    ("UPDATE license SET status = 'gone'", "license_status_known"),
    (GENERATION.format(**{**FACTS, "environment": "2"}), "generation_product_id_environment_id_fkey"),
    (GENERATION.format(**{**FACTS, "generator": "%(staging_generator)s"}), "generation_generator_id_product_id_fkey"),
    (GENERATION.format(**{**FACTS, "method": "magic"}), "generation_method_known"),
    (GENERATION.format(**{**FACTS, "count": "0"}), "generation_count_positive"),
    (GENERATION.format(**{**FACTS, "fingerprint": "NULL"}), "generation_fingerprint_with_key"),
    (GENERATION.format(**FACTS) + ";" + GENERATION.format(**FACTS), "generation_idempotency_key"),
    ("UPDATE job SET done = total + 1", "job_done_within_total"),
    ("UPDATE contract_key SET role = 'previous'", "contract_key_previous_ends"),
    ("UPDATE generator SET pattern = NULL", "generator_pattern_when_pattern"),
    ("UPDATE generator SET environment_id = 2 WHERE id = %(generator)s", "generator_product_id_environment_id_fkey"),
    ("DELETE FROM contract WHERE id = %(contract)s", "violates foreign key constraint"),
    ("INSERT INTO staff (id, email, role) VALUES (gen_random_uuid(), 'a@b', 'root')", "staff_role_known"),
]
ALLOWED = [
    QUOTA_ROW.format("used = 100"),
    QUOTA_ROW.format("used = used + 10, reserved = 50"),
    QUOTA_ROW.format("quota = 9223372036854775807"),
    CONTRACT_ROW.format("type = type, product_id = product_id, name = 'Other'"),
    CONTRACT_ROW.format("expiry_kind = 'duration', expiry_n = 1, expiry_unit = 'months'"),
    LICENSE.format(**OWN),
    LICENSE.format(**{**OWN, "contract": "NULL", "generation": "NULL"}),
    GENERATION.format(**FACTS),
    GENERATION.format(**{**FACTS, "key": "NULL", "fingerprint": "NULL"}),
]


@pytest.fixture
def ids(world: World) -> dict[str, Any]:
    """The rows the statements speak of: a contract with 40 of 100 used, one of staging, one whose name is taken."""
    contract: Contract = world.contract_and_key(quota=100, api_access=True)[0]
    generation = world.generate(contract, 40).generation_id
    staging = world.contract(generator=world.generator(world.product(environment_id=STAGING)))
    job = world.generate(world.contract(name="Taken"), 100).generation_id
    key = one("SELECT id FROM license WHERE ordinal = 0").id
    with psycopg.connect(world.settings.owner_database_url.replace("+psycopg", "")) as owner:
        owner.execute("UPDATE license SET key = 'taken-key', canonical = 'TAKENKEY' WHERE id = %s", [key])
    return {
        "contract": contract.id, "product": contract.product_id, "generator": contract.generator_id,
        "generation": generation, "staging": staging.id, "staging_generator": staging.generator_id,
        "other_product": world.product().id, "job": job, "nobody": uuid.uuid4(),
    }  # fmt: skip


def attempt(url: str, sql: str, ids: dict[str, Any], *, role: str) -> None:
    """Run ``sql`` under ``role`` and undo it."""
    with psycopg.connect(url, options=f"-c role={role}") as connection:
        for statement in sql.split(";"):
            used = {name: value for name, value in ids.items() if f"%({name})s" in statement}
            connection.execute(statement.encode(), used)
        connection.rollback()


def test_every_statement_that_would_break_a_promise_is_refused(owner_url: str, ids: dict[str, Any]) -> None:
    answers = {sql: answer(owner_url, sql, ids) for sql, _ in REFUSED}
    assert [(sql, answers[sql]) for sql, reason in REFUSED if reason not in answers[sql]] == []


def test_the_statements_beside_them_are_not(owner_url: str, ids: dict[str, Any]) -> None:
    """The negative control: it is the broken promise that is refused, not the statement."""
    assert [(sql, found) for sql in ALLOWED if (found := answer(owner_url, sql, ids))] == []


def answer(url: str, sql: str, ids: dict[str, Any]) -> str:
    try:
        attempt(url, sql, ids, role="allotment_app")
    except psycopg.Error as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_entry SET at = now()", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_not_even_the_owner_of_the_tables_changes_the_audit_trail(
    owner_url: str, ids: dict[str, Any], sql: str
) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match="the audit trail is append-only"):
        attempt(owner_url, sql, ids, role="none")


def test_an_untouched_quota_may_shrink_and_a_drawn_one_may_not(owner_url: str, world: World) -> None:
    contract = world.contract(quota=100)
    attempt(owner_url, QUOTA_ROW.format("quota = 1"), {"contract": contract.id}, role="allotment_app")
    with pytest.raises(psycopg.errors.CheckViolation):
        attempt(owner_url, QUOTA_ROW.format("quota = 0"), {"contract": contract.id}, role="allotment_app")
    world.generate(contract, 100)
    with pytest.raises(psycopg.errors.RestrictViolation):
        attempt(owner_url, QUOTA_ROW.format("quota = 99"), {"contract": contract.id}, role="allotment_app")
