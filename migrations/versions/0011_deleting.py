"""What deleting leaves: a gate that is closed for good, retired generators, who deleted and which version."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE contract_quota ADD COLUMN closed BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE contract_quota ADD CONSTRAINT contract_quota_closed_for_good
    CHECK (NOT closed OR (NOT accepting AND reserved = 0));
CREATE TRIGGER closed_stays_closed BEFORE UPDATE OF closed ON contract_quota
    FOR EACH ROW WHEN (OLD.closed AND NOT NEW.closed)
    EXECUTE FUNCTION refuse_change('the contract was deleted');

ALTER TABLE product ADD COLUMN updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ADD COLUMN version INTEGER DEFAULT '1' NOT NULL, ADD COLUMN deleted_by VARCHAR;
ALTER TABLE generator ADD COLUMN updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ADD COLUMN version INTEGER DEFAULT '1' NOT NULL, ADD COLUMN deleted_by VARCHAR;
UPDATE product SET updated_at = created_at;
UPDATE generator SET updated_at = created_at;
ALTER TABLE generator DROP CONSTRAINT generator_status_known;
ALTER TABLE generator ADD CONSTRAINT generator_status_known CHECK (status IN ('active', 'inactive', 'retired'));
DROP INDEX generator_name_live;
CREATE UNIQUE INDEX generator_name_live ON generator (product_id, lower(name))
    WHERE deleted_at IS NULL AND status <> 'retired';
CREATE TRIGGER retired_stays_retired BEFORE UPDATE OF status ON generator
    FOR EACH ROW WHEN (OLD.status = 'retired' AND NEW.status <> 'retired')
    EXECUTE FUNCTION refuse_change('a retired generator stays retired');
CREATE INDEX contract_generator_id_idx ON contract (generator_id);
"""

DOWN = """
DROP INDEX contract_generator_id_idx;
DROP TRIGGER retired_stays_retired ON generator;
UPDATE generator SET status = 'inactive', name = left(name, 160) || ' ' || id WHERE status = 'retired';
DROP INDEX generator_name_live;
CREATE UNIQUE INDEX generator_name_live ON generator (product_id, lower(name)) WHERE deleted_at IS NULL;
ALTER TABLE generator DROP CONSTRAINT generator_status_known;
ALTER TABLE generator ADD CONSTRAINT generator_status_known CHECK (status IN ('active', 'inactive'));
ALTER TABLE generator DROP COLUMN deleted_by, DROP COLUMN version, DROP COLUMN updated_at;
ALTER TABLE product DROP COLUMN deleted_by, DROP COLUMN version, DROP COLUMN updated_at;
DROP TRIGGER closed_stays_closed ON contract_quota;
ALTER TABLE contract_quota DROP COLUMN closed;
"""


def upgrade() -> None:
    """Add the columns, states and rules."""
    op.execute(UP)


def downgrade() -> None:
    """Take them back; a retired generator becomes an inactive one under a name of its own."""
    op.execute(DOWN)
