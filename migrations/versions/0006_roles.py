"""Roles: what the back-office may touch and the little that the gateway may (SCHEMA 9).

Roles belong to the whole server, so an existing one is taken as it is.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = ("allotment_app", "allotment_gateway")

CREATE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- Since PostgreSQL 16 whoever creates a role may not yet take it on: that is a grant of its own.
DO $$ BEGIN
    GRANT {role} TO CURRENT_USER;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO {role};
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON
    product, generator, contract, contract_quota, contract_key, contract_key_secret, customer, generation, job,
    license, staff, staff_session, one_time_link
    TO allotment_app;
GRANT SELECT ON environment, alembic_version TO allotment_app;
GRANT SELECT, INSERT ON audit_entry TO allotment_app;
GRANT SELECT, INSERT, DELETE ON audit_unsealed TO allotment_app;

GRANT SELECT ON
    environment, product, generator, contract, contract_quota, contract_key, generation, job, license, alembic_version
    TO allotment_gateway;
GRANT UPDATE (used, reserved, test_live) ON contract_quota TO allotment_gateway;
GRANT UPDATE (last_used_at, last_used_address) ON contract_key TO allotment_gateway;
GRANT INSERT ON generation, job, license, audit_entry, audit_unsealed TO allotment_gateway;
"""


def upgrade() -> None:
    """Create the roles and grant them their tables."""
    for role in ROLES:
        op.execute(CREATE.format(role=role))
    op.execute(GRANTS)


def downgrade() -> None:
    """Take the rights back; the roles stay, other databases of the server may use them."""
    for role in ROLES:
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")
