"""Triggers: what may never change, what may only grow, and what an inserted license must agree with."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION license_agrees_with_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT generation_id, contract_id, product_id, environment_id FROM inserted) n
        LEFT JOIN generation g ON g.id = n.generation_id
        LEFT JOIN product p ON p.id = n.product_id AND p.environment_id = n.environment_id
        WHERE p.id IS NULL
           OR (n.generation_id IS NULL AND n.contract_id IS NOT NULL)
           OR (n.generation_id IS NOT NULL AND (
                  g.id IS NULL OR g.contract_id IS DISTINCT FROM n.contract_id
               OR g.product_id <> n.product_id OR g.environment_id <> n.environment_id))
    ) THEN
        RAISE EXCEPTION 'a license must have the contract, product and environment of its generation'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER contract_identity_fixed BEFORE UPDATE OF id, type, product_id, environment_id ON contract
    FOR EACH ROW WHEN (OLD.id <> NEW.id OR OLD.type <> NEW.type OR OLD.product_id <> NEW.product_id
                       OR OLD.environment_id <> NEW.environment_id)
    EXECUTE FUNCTION refuse_change('uuid, type, product and environment are fixed at creation');

CREATE TRIGGER quota_only_grows BEFORE UPDATE OF quota ON contract_quota
    FOR EACH ROW WHEN (NEW.quota < OLD.quota AND (OLD.used > 0 OR OLD.reserved > 0))
    EXECUTE FUNCTION refuse_change('a quota may only grow once it has been drawn on');

CREATE TRIGGER used_never_falls BEFORE UPDATE OF used ON contract_quota
    FOR EACH ROW WHEN (NEW.used < OLD.used)
    EXECUTE FUNCTION refuse_change('what was used is never given back');

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change('the audit trail is append-only');

CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the audit trail is append-only');

CREATE TRIGGER license_agrees AFTER INSERT ON license REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION license_agrees_with_generation();
"""

ENVIRONMENTS = """
INSERT INTO environment (id, name, tag)
VALUES (1, 'production', 'live'), (2, 'staging', 'test'), (3, 'development', 'test');
"""


def upgrade() -> None:
    """Create the rules and the first environments."""
    op.execute(FUNCTIONS)
    op.execute(TRIGGERS)
    op.execute(ENVIRONMENTS)


def downgrade() -> None:
    """Drop them again."""
    for name, table in (
        ("license_agrees", "license"),
        ("audit_never_emptied", "audit_entry"),
        ("audit_append_only", "audit_entry"),
        ("used_never_falls", "contract_quota"),
        ("quota_only_grows", "contract_quota"),
        ("contract_identity_fixed", "contract"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION license_agrees_with_generation, refuse_change")
    op.execute("DELETE FROM environment")
