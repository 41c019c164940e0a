"""Contracts, their quota rows and their keys."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE contract (
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    generator_id UUID NOT NULL,
    name VARCHAR(200) NOT NULL,
    type VARCHAR DEFAULT 'standard' NOT NULL,
    partner VARCHAR(200),
    reference VARCHAR(500),
    notes VARCHAR(5000),
    overrides JSONB DEFAULT '{}' NOT NULL,
    activation_limit INTEGER,
    expiry_kind VARCHAR DEFAULT 'never' NOT NULL,
    expiry_n INTEGER,
    expiry_unit VARCHAR,
    expiry_date DATE,
    api_access BOOLEAN DEFAULT false NOT NULL,
    per_minute INTEGER,
    per_hour INTEGER,
    per_day INTEGER,
    allow CIDR[] DEFAULT '{}' NOT NULL,
    low_stock INTEGER DEFAULT '100' NOT NULL,
    test_until TIMESTAMP WITH TIME ZONE,
    activated_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    created_by VARCHAR DEFAULT 'command' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    deleted_by VARCHAR,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT contract_pkey PRIMARY KEY (id),
    CONSTRAINT contract_product_id_environment_id_fkey FOREIGN KEY(product_id, environment_id)
        REFERENCES product (id, environment_id),
    CONSTRAINT contract_generator_id_product_id_fkey FOREIGN KEY(generator_id, product_id)
        REFERENCES generator (id, product_id),
    CONSTRAINT contract_type_known CHECK (type IN ('standard', 'reseller', 'enterprise', 'pool')),
    CONSTRAINT contract_one_expiry CHECK (
        CASE expiry_kind
        WHEN 'never' THEN num_nonnulls(expiry_n, expiry_unit, expiry_date) = 0
        WHEN 'duration' THEN num_nonnulls(expiry_n, expiry_unit) = 2 AND expiry_n >= 1 AND expiry_date IS NULL
        WHEN 'date' THEN expiry_date IS NOT NULL AND num_nonnulls(expiry_n, expiry_unit) = 0
        ELSE false END),
    CONSTRAINT contract_expiry_unit_known CHECK (expiry_unit IN ('days', 'months', 'years')),
    CONSTRAINT contract_activation_limit_positive CHECK (activation_limit >= 1),
    CONSTRAINT contract_per_minute_range CHECK (per_minute BETWEEN 1 AND 100000),
    CONSTRAINT contract_per_hour_range CHECK (per_hour BETWEEN 1 AND 100000),
    CONSTRAINT contract_per_day_range CHECK (per_day BETWEEN 1 AND 100000)
);
CREATE INDEX contract_environment_id_id_idx ON contract (environment_id, id);
CREATE UNIQUE INDEX contract_name_live ON contract (environment_id, lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX contract_name_trigram ON contract USING gin (name gin_trgm_ops);
CREATE TABLE contract_quota (
    contract_id UUID NOT NULL,
    accepting BOOLEAN DEFAULT false NOT NULL,
    quota BIGINT NOT NULL,
    used BIGINT DEFAULT '0' NOT NULL,
    reserved BIGINT DEFAULT '0' NOT NULL,
    test_live SMALLINT DEFAULT '0' NOT NULL,
    low_stock_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT contract_quota_pkey PRIMARY KEY (contract_id),
    CONSTRAINT contract_quota_quota_positive CHECK (quota >= 1),
    CONSTRAINT contract_quota_used_within_quota CHECK (used >= 0 AND used <= quota),
    CONSTRAINT contract_quota_reserved_within_rest CHECK (reserved >= 0 AND reserved <= quota - used),
    CONSTRAINT contract_quota_test_live_range CHECK (test_live BETWEEN 0 AND 50),
    CONSTRAINT contract_quota_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contract (id)
)
 WITH (fillfactor = 50);
CREATE TABLE contract_key (
    id UUID NOT NULL,
    contract_id UUID NOT NULL,
    public_id VARCHAR NOT NULL,
    digest BYTEA NOT NULL,
    pepper_id VARCHAR NOT NULL,
    masked VARCHAR NOT NULL,
    role VARCHAR DEFAULT 'current' NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    last_used_address INET,
    CONSTRAINT contract_key_pkey PRIMARY KEY (id),
    CONSTRAINT contract_key_role_known CHECK (role IN ('current', 'previous', 'ended')),
    CONSTRAINT contract_key_previous_ends CHECK (role <> 'previous' OR ends_at IS NOT NULL),
    CONSTRAINT contract_key_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contract (id),
    CONSTRAINT contract_key_public_id_key UNIQUE (public_id)
);
CREATE UNIQUE INDEX contract_key_role_once ON contract_key (contract_id, role) WHERE role <> 'ended';
CREATE TABLE contract_key_secret (
    key_id UUID NOT NULL,
    ring_id VARCHAR NOT NULL,
    ciphertext BYTEA NOT NULL,
    CONSTRAINT contract_key_secret_pkey PRIMARY KEY (key_id),
    CONSTRAINT contract_key_secret_key_id_fkey FOREIGN KEY(key_id)
        REFERENCES contract_key (id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE contract_key_secret")
    op.execute("DROP TABLE contract_key")
    op.execute("DROP TABLE contract_quota")
    op.execute("DROP TABLE contract")
