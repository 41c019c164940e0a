"""Staff, their sessions and links, and the audit trail."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE staff (
    id UUID NOT NULL,
    email VARCHAR(254) NOT NULL,
    role VARCHAR NOT NULL,
    password_hash VARCHAR,
    environment_id SMALLINT DEFAULT '1' NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT staff_pkey PRIMARY KEY (id),
    CONSTRAINT staff_role_known CHECK (role IN ('super_admin', 'admin', 'operator', 'viewer')),
    CONSTRAINT staff_environment_id_fkey FOREIGN KEY(environment_id) REFERENCES environment (id)
);
CREATE UNIQUE INDEX staff_email ON staff (lower(email));
CREATE TABLE staff_session (
    token_hash BYTEA NOT NULL,
    staff_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    address INET,
    CONSTRAINT staff_session_pkey PRIMARY KEY (token_hash),
    CONSTRAINT staff_session_staff_id_fkey FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE INDEX staff_session_staff_id_idx ON staff_session (staff_id);
CREATE TABLE one_time_link (
    token_hash BYTEA NOT NULL,
    staff_id UUID NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT one_time_link_pkey PRIMARY KEY (token_hash),
    CONSTRAINT one_time_link_staff_id_fkey FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE INDEX one_time_link_staff_id_idx ON one_time_link (staff_id);
CREATE TABLE audit_entry (
    id UUID NOT NULL,
    environment_id SMALLINT,
    contract_id UUID,
    subject VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    address INET,
    request_id VARCHAR,
    changes JSONB DEFAULT '{}' NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_entry_contract_id_id_idx ON audit_entry (contract_id, id);
CREATE INDEX audit_entry_environment_id_id_idx ON audit_entry (environment_id, id);
CREATE TABLE audit_unsealed (
    entry_id UUID NOT NULL,
    CONSTRAINT audit_unsealed_pkey PRIMARY KEY (entry_id)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE audit_unsealed")
    op.execute("DROP TABLE audit_entry")
    op.execute("DROP TABLE one_time_link")
    op.execute("DROP TABLE staff_session")
    op.execute("DROP TABLE staff")
