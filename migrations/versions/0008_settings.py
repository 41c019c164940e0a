"""Settings that staff change on a page: one row each, for the whole installation; no secret stands here."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE setting (
    name VARCHAR NOT NULL,
    value JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_by VARCHAR NOT NULL,
    CONSTRAINT setting_pkey PRIMARY KEY (name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON setting TO allotment_app;
"""


def upgrade() -> None:
    """Create the table; a setting without a row has its default."""
    op.execute(TABLE)


def downgrade() -> None:
    """Drop it again."""
    op.execute("DROP TABLE setting")
