"""Where a contract's webhooks go, and the sealed secrets that sign them; the gateway reads neither."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE webhook_endpoint (
    contract_id UUID NOT NULL,
    url VARCHAR(2000) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (contract_id),
    CONSTRAINT webhook_endpoint_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contract (id)
);
CREATE TABLE webhook_secret (
    contract_id UUID NOT NULL,
    role VARCHAR NOT NULL,
    ring_id VARCHAR NOT NULL,
    ciphertext BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT webhook_secret_pkey PRIMARY KEY (contract_id, role),
    CONSTRAINT webhook_secret_role_known CHECK (role IN ('current', 'previous')),
    CONSTRAINT webhook_secret_contract_id_fkey FOREIGN KEY(contract_id)
        REFERENCES webhook_endpoint (contract_id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoint, webhook_secret TO allotment_app;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE webhook_secret")
    op.execute("DROP TABLE webhook_endpoint")
