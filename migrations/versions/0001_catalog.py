"""Environments, products, generators and customers: what everything else stands on."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE environment (
    id SMALLSERIAL NOT NULL,
    name VARCHAR NOT NULL,
    tag VARCHAR NOT NULL,
    CONSTRAINT environment_pkey PRIMARY KEY (id),
    CONSTRAINT environment_tag_known CHECK (tag IN ('live', 'test')),
    CONSTRAINT environment_name_key UNIQUE (name)
);
CREATE TABLE product (
    id UUID NOT NULL,
    code VARCHAR(50) NOT NULL,
    name VARCHAR(200) NOT NULL,
    status VARCHAR DEFAULT 'active' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT product_pkey PRIMARY KEY (id),
    CONSTRAINT product_id_environment_id_key UNIQUE (id, environment_id),
    CONSTRAINT product_environment_id_fkey FOREIGN KEY(environment_id) REFERENCES environment (id),
    CONSTRAINT product_status_known CHECK (status IN ('active', 'inactive'))
);
CREATE UNIQUE INDEX product_code_live ON product (environment_id, lower(code)) WHERE deleted_at IS NULL;
CREATE TABLE generator (
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    name VARCHAR(200) NOT NULL,
    format VARCHAR DEFAULT 'pattern' NOT NULL,
    pattern VARCHAR(100),
    alphabet VARCHAR DEFAULT 'unambiguous' NOT NULL,
    features JSONB DEFAULT '{}' NOT NULL,
    activation_limit INTEGER DEFAULT '1' NOT NULL,
    status VARCHAR DEFAULT 'active' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT generator_pkey PRIMARY KEY (id),
    CONSTRAINT generator_id_product_id_key UNIQUE (id, product_id),
    CONSTRAINT generator_product_id_environment_id_fkey FOREIGN KEY(product_id, environment_id)
        REFERENCES product (id, environment_id),
    CONSTRAINT generator_format_known CHECK (format IN ('pattern', 'uuid')),
    CONSTRAINT generator_alphabet_known CHECK (alphabet IN ('unambiguous', 'alphanumeric', 'hex', 'digits')),
    CONSTRAINT generator_status_known CHECK (status IN ('active', 'inactive')),
    CONSTRAINT generator_activation_limit_positive CHECK (activation_limit >= 1),
    CONSTRAINT generator_pattern_when_pattern CHECK ((format = 'pattern') = (pattern IS NOT NULL))
);
CREATE UNIQUE INDEX generator_name_live ON generator (product_id, lower(name)) WHERE deleted_at IS NULL;
CREATE TABLE customer (
    id UUID NOT NULL,
    email VARCHAR(254) NOT NULL,
    name VARCHAR(200) DEFAULT '' NOT NULL,
    company VARCHAR(200) DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    environment_id SMALLINT NOT NULL,
    CONSTRAINT customer_pkey PRIMARY KEY (id),
    CONSTRAINT customer_environment_id_fkey FOREIGN KEY(environment_id) REFERENCES environment (id)
);
CREATE UNIQUE INDEX customer_email ON customer (environment_id, lower(email));
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE customer")
    op.execute("DROP TABLE generator")
    op.execute("DROP TABLE product")
    op.execute("DROP TABLE environment")
