"""Properties, campaigns, and what three kinds of CSV need."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "properties",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("apn", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("zip", sa.Text(), nullable=True),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("longitude", sa.Numeric(), nullable=True),
        sa.Column("latitude", sa.Numeric(), nullable=True),
        sa.Column("year_built", sa.Numeric(), nullable=True),
        sa.Column("purchase_date", sa.Date(), nullable=True),
        sa.Column("purchase_months_since", sa.Numeric(), nullable=True),
        sa.Column("square_feet", sa.Numeric(), nullable=True),
        sa.Column("beds", sa.Numeric(), nullable=True),
        sa.Column("baths", sa.Numeric(), nullable=True),
        sa.Column("estimated_value", sa.Numeric(), nullable=True),
        sa.Column("estimated_equity", sa.Numeric(), nullable=True),
        sa.Column("equity_percent", sa.Numeric(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("mail_address", sa.Text(), nullable=True),
        sa.Column("mail_city", sa.Text(), nullable=True),
        sa.Column("mail_state", sa.Text(), nullable=True),
        sa.Column("mail_zip", sa.Text(), nullable=True),
        sa.Column("owner_occupied", sa.Boolean(), nullable=True),
        sa.Column("listed_for_sale", sa.Boolean(), nullable=True),
        sa.Column("listing_status", sa.Text(), nullable=True),
        sa.Column("foreclosure", sa.Boolean(), nullable=True),
        sa.Column("high_equity", sa.Boolean(), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("import_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("message_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("openphone_message_id", sa.Text(), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("import_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'delivered', 'failed', 'replied')", name="campaign_members_status"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id", "contact_id"),
    )
    op.create_table(
        "property_contacts",
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("import_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('primary', 'secondary')", name="property_contacts_role"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["property_id"],
            ["properties.id"],
        ),
        sa.PrimaryKeyConstraint("property_id", "contact_id"),
    )
    op.create_index("property_contacts_contact", "property_contacts", ["contact_id"], unique=False)
    op.create_table(
        "held_records",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "target", "key", "row_number"),
    )
    op.add_column(
        "contacts",
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("imports", sa.Column("dry_run", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("imports", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column(
        "imports",
        sa.Column(
            "unknown_columns", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
    )
    op.add_column("imports", sa.Column("encoding", sa.Text(), server_default=sa.text("'utf-8'"), nullable=False))
    op.add_column("imports", sa.Column("delimiter", sa.Text(), server_default=sa.text("','"), nullable=False))
    op.add_column("imports", sa.Column("trailer", sa.Text(), nullable=True))
    op.add_column("imports", sa.Column("skipped", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "imports",
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("imports", sa.Column("failure", sa.Text(), nullable=True))
    op.alter_column("imports", "list_id", existing_type=sa.UUID(), nullable=True)
    op.create_foreign_key("imports_campaign_id_fkey", "imports", "campaigns", ["campaign_id"], ["id"])
    op.add_column("row_errors", sa.Column("fix", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("row_errors", "fix")
    op.drop_constraint("imports_campaign_id_fkey", "imports", type_="foreignkey")
    op.alter_column("imports", "list_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("imports", "failure")
    op.drop_column("imports", "counts")
    op.drop_column("imports", "skipped")
    op.drop_column("imports", "trailer")
    op.drop_column("imports", "delimiter")
    op.drop_column("imports", "encoding")
    op.drop_column("imports", "unknown_columns")
    op.drop_column("imports", "campaign_id")
    op.drop_column("imports", "dry_run")
    op.drop_column("contacts", "extra")
    op.drop_table("held_records")
    op.drop_index("property_contacts_contact", table_name="property_contacts")
    op.drop_table("property_contacts")
    op.drop_table("campaign_members")
    op.drop_table("properties")
    op.drop_table("campaigns")
