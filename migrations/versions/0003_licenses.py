"""Generations, jobs and licenses."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE generation (
    id UUID NOT NULL,
    contract_id UUID,
    product_id UUID NOT NULL,
    generator_id UUID NOT NULL,
    method VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    reference VARCHAR(200),
    count BIGINT NOT NULL,
    test BOOLEAN DEFAULT false NOT NULL,
    status VARCHAR NOT NULL,
    error_code VARCHAR,
    terms JSONB NOT NULL,
    used_after BIGINT,
    quota_remaining BIGINT,
    idem_scope VARCHAR,
    idem_key VARCHAR(255),
    fingerprint BYTEA,
    request_id VARCHAR,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT generation_pkey PRIMARY KEY (id),
    CONSTRAINT generation_product_id_environment_id_fkey FOREIGN KEY(product_id, environment_id)
        REFERENCES product (id, environment_id),
    CONSTRAINT generation_generator_id_product_id_fkey FOREIGN KEY(generator_id, product_id)
        REFERENCES generator (id, product_id),
    CONSTRAINT generation_idempotency_key UNIQUE (contract_id, idem_scope, idem_key),
    CONSTRAINT generation_method_known CHECK (method IN ('manual', 'api', 'scheduled')),
    CONSTRAINT generation_status_known CHECK (status IN ('open', 'completed', 'failed', 'cancelled', 'refused')),
    CONSTRAINT generation_idem_scope_known CHECK (idem_scope IN ('api', 'admin_api', 'ui', 'schedule')),
    CONSTRAINT generation_count_positive CHECK (count >= 1),
    CONSTRAINT generation_fingerprint_with_key CHECK ((idem_key IS NULL) = (fingerprint IS NULL)),
    CONSTRAINT generation_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contract (id)
);
CREATE INDEX generation_contract_id_id_idx ON generation (contract_id, id);
CREATE TABLE job (
    id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    contract_id UUID,
    status VARCHAR DEFAULT 'queued' NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT DEFAULT '0' NOT NULL,
    lease_token UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    attempts INTEGER DEFAULT '0' NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    error_code VARCHAR,
    error VARCHAR,
    actor VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_environment_id_fkey FOREIGN KEY(environment_id) REFERENCES environment (id),
    CONSTRAINT job_kind_known CHECK (kind IN ('generate')),
    CONSTRAINT job_status_known CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT job_done_within_total CHECK (done >= 0 AND done <= total),
    CONSTRAINT job_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contract (id)
);
CREATE INDEX job_contract_id_id_idx ON job (contract_id, id);
CREATE INDEX job_due ON job (not_before) WHERE status IN ('queued', 'running');
CREATE INDEX job_environment_id_id_idx ON job (environment_id, id);
CREATE TABLE license (
    id UUID NOT NULL,
    key TEXT NOT NULL,
    canonical TEXT COLLATE "C" NOT NULL,
    product_id UUID NOT NULL,
    contract_id UUID,
    generation_id UUID,
    ordinal INTEGER,
    status VARCHAR DEFAULT 'available' NOT NULL,
    test BOOLEAN DEFAULT false NOT NULL,
    features JSONB,
    activation_limit INTEGER NOT NULL,
    activations INTEGER DEFAULT '0' NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    customer_id UUID,
    pos INTEGER,
    metadata JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    assigned_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT license_pkey PRIMARY KEY (id),
    CONSTRAINT license_canonical_key UNIQUE (canonical),
    CONSTRAINT license_generation_ordinal_key UNIQUE (generation_id, ordinal),
    CONSTRAINT license_status_known CHECK (status IN ('available', 'assigned', 'active', 'suspended', 'revoked')),
    CONSTRAINT license_activations_within_limit CHECK (activations >= 0 AND activations <= activation_limit),
    CONSTRAINT license_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE INDEX license_contract_id_id_idx ON license (contract_id, id);
CREATE INDEX license_contract_id_pos_idx ON license (contract_id, pos) WHERE pos IS NOT NULL;
CREATE INDEX license_customer_id_id_idx ON license (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX license_environment_id_expires_at_idx ON license (environment_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX license_environment_id_id_idx ON license (environment_id, id);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE license")
    op.execute("DROP TABLE job")
    op.execute("DROP TABLE generation")
