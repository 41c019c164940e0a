"""The second factor with its recovery codes, names for sessions, and how each person likes the pages."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE staff
    ADD COLUMN theme VARCHAR DEFAULT 'system' NOT NULL,
    ADD COLUMN density VARCHAR DEFAULT 'comfortable' NOT NULL,
    ADD COLUMN time_zone VARCHAR(64) DEFAULT 'UTC' NOT NULL,
    ADD COLUMN hotkeys BOOLEAN DEFAULT true NOT NULL,
    ADD CONSTRAINT staff_theme_known CHECK (theme IN ('system', 'light', 'dark')),
    ADD CONSTRAINT staff_density_known CHECK (density IN ('comfortable', 'compact'));
ALTER TABLE staff_session
    ADD COLUMN id UUID DEFAULT gen_random_uuid() NOT NULL,
    ADD COLUMN user_agent VARCHAR(200) DEFAULT '' NOT NULL,
    ADD CONSTRAINT staff_session_id_key UNIQUE (id);
"""

TABLES = """
CREATE TABLE second_factor (
    staff_id UUID NOT NULL,
    ring_id VARCHAR NOT NULL,
    ciphertext BYTEA NOT NULL,
    enabled_at TIMESTAMP WITH TIME ZONE,
    last_step BIGINT,
    CONSTRAINT second_factor_pkey PRIMARY KEY (staff_id),
    CONSTRAINT second_factor_staff_id_fkey FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE recovery_code (
    staff_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (staff_id, code_hash),
    CONSTRAINT recovery_code_staff_id_fkey FOREIGN KEY(staff_id) REFERENCES staff (id)
);
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE, DELETE ON second_factor, recovery_code TO allotment_app"


def upgrade() -> None:
    """Add columns and tables; nothing of them is for the gateway."""
    op.execute(COLUMNS)
    op.execute(TABLES)
    op.execute(GRANTS)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP TABLE recovery_code")
    op.execute("DROP TABLE second_factor")
    op.execute("ALTER TABLE staff_session DROP COLUMN user_agent, DROP COLUMN id")
    op.execute("ALTER TABLE staff DROP COLUMN hotkeys, DROP COLUMN time_zone, DROP COLUMN density, DROP COLUMN theme")
