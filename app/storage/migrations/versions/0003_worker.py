"""Imports that a background worker owns, and an outbox that is drained behind their backs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("imports", sa.Column("owner", sa.Text(), server_default=sa.text("'web'"), nullable=False))
    op.create_check_constraint("imports_owner", "imports", "owner IN ('web', 'worker')")
    op.add_column("imports", sa.Column("process", sa.Text(), nullable=True))
    op.add_column("imports", sa.Column("woken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("imports", sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("imports", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("imports_cancelled", "imports", ["id"], postgresql_where=sa.text("status = 'cancelled'"))
    op.add_column("openphone_outbox", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("openphone_outbox", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("openphone_outbox", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "openphone_outbox_queue", "openphone_outbox", ["retry_at", "id"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("openphone_outbox_dead", "openphone_outbox", ["id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_index(
        "openphone_outbox_settled", "openphone_outbox", ["settled_at"], postgresql_where=sa.text("state <> 'pending'")
    )


def downgrade() -> None:
    for index in ("openphone_outbox_settled", "openphone_outbox_dead", "openphone_outbox_queue"):
        op.drop_index(index, table_name="openphone_outbox")
    for column in ("settled_at", "retry_at", "attempts"):
        op.drop_column("openphone_outbox", column)
    op.drop_index("imports_cancelled", table_name="imports")
    for column in ("retry_at", "failures", "woken_at", "process", "owner"):
        op.drop_column("imports", column)
