"""The log of calls, refusals counted by minute, and outcomes counted by day."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE api_call (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    environment_id SMALLINT NOT NULL,
    contract_id UUID NOT NULL,
    asked_contract VARCHAR(64),
    key VARCHAR NOT NULL,
    address INET,
    method VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    status SMALLINT NOT NULL,
    code VARCHAR,
    latency_ms REAL NOT NULL,
    request_id VARCHAR NOT NULL,
    client_request_id VARCHAR(100),
    CONSTRAINT api_call_pkey PRIMARY KEY (id)
);
CREATE INDEX api_call_at_idx ON api_call (at);
CREATE INDEX api_call_contract_id_id_idx ON api_call (contract_id, id);
CREATE INDEX api_call_request_id_idx ON api_call (request_id);
CREATE TABLE api_refusal_minute (
    minute TIMESTAMP WITH TIME ZONE NOT NULL,
    address INET NOT NULL,
    code VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    asked_contract VARCHAR(64),
    n BIGINT NOT NULL,
    CONSTRAINT api_refusal_minute_pkey PRIMARY KEY (minute, address, code, cause)
);
CREATE TABLE api_call_day (
    day DATE NOT NULL,
    contract_id UUID NOT NULL,
    outcome VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    CONSTRAINT api_call_day_pkey PRIMARY KEY (day, contract_id, outcome)
);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON api_call, api_refusal_minute, api_call_day TO allotment_app;
GRANT INSERT ON api_call TO allotment_gateway;
GRANT SELECT, INSERT, UPDATE ON api_refusal_minute, api_call_day TO allotment_gateway;
"""


def upgrade() -> None:
    """Create the tables and let the gateway add to them."""
    op.execute(TABLES)
    op.execute(GRANTS)


def downgrade() -> None:
    """Drop them again."""
    for table in ("api_call_day", "api_refusal_minute", "api_call"):
        op.execute(f"DROP TABLE {table}")
