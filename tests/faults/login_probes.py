"""What a login with the gateway's rights must not be able to do, one statement each."""

from __future__ import annotations

import psycopg

PROBES = (
    "SELECT ciphertext FROM contract_key_secret",
    "SELECT email FROM staff",
    "SELECT 1 FROM staff_session",
    "SELECT 1 FROM one_time_link",
    "SELECT 1 FROM customer",
    "SELECT 1 FROM audit_entry",
    "SELECT 1 FROM audit_unsealed",
    "SELECT 1 FROM api_call",
    "UPDATE contract SET api_access = true",
    "UPDATE contract SET allow = '{}'",
    "UPDATE contract_quota SET quota = quota + 1",
    "UPDATE contract_quota SET accepting = true",
    "UPDATE contract_key SET digest = digest",
    "UPDATE contract_key SET role = 'current'",
    "UPDATE contract_key SET ends_at = NULL",
    "UPDATE license SET status = 'available'",
    "UPDATE generation SET count = 1",
    "UPDATE job SET status = 'completed'",
    "UPDATE audit_entry SET actor = 'nobody'",
    "UPDATE product SET status = 'active'",
    "UPDATE generator SET pattern = pattern",
    "DELETE FROM license",
    "DELETE FROM generation",
    "DELETE FROM job",
    "DELETE FROM contract_quota",
    "DELETE FROM contract_key",
    "DELETE FROM audit_entry",
    "DELETE FROM api_call",
    "INSERT INTO contract_key SELECT * FROM contract_key",
    "INSERT INTO contract SELECT * FROM contract",
    "INSERT INTO staff SELECT * FROM staff",
    "INSERT INTO environment SELECT * FROM environment",
    "UPDATE alembic_version SET version_num = '0000'",
    "TRUNCATE license",
    "ALTER TABLE license DISABLE TRIGGER ALL",
    "DROP TABLE license",
    "CREATE TABLE public.mine (n int)",
    "CREATE ROLE mine",
    "SET ROLE allotment_app",
    "COPY license TO PROGRAM 'cat'",
)


def allowed(url: str) -> list[str]:
    """Return the probes that ``url`` may run; each is undone."""
    found = []
    with psycopg.connect(url) as login:
        for probe in PROBES:
            try:
                login.execute(probe)
            except psycopg.errors.InsufficientPrivilege:
                continue
            except psycopg.Error:
                found.append(probe)  # it went wrong for another reason than the rights
            else:
                found.append(probe)
            finally:
                login.rollback()
    return found
