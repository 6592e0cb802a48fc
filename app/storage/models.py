"""The tables."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NEW_UUID = text("gen_random_uuid()")
ZERO = text("0")
NOTHING = text("'{}'")


class Base(DeclarativeBase):
    """Text is unbounded, times carry their zone."""

    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), dict[str, Any]: JSONB, list[str]: JSONB}  # noqa: RUF012


class ApiKey(Base):
    """A key of the HTTP API. The key itself is never stored."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Who did what to what. Rows are only ever added."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    api_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"))
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)


class ContactList(Base):
    """A named list of contacts."""

    __tablename__ = "lists"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Contact(Base):
    """A person, known by the phone number (E.164)."""

    __tablename__ = "contacts"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    # Byte order, whatever the database's locale: merges lock rows in this order.
    phone: Mapped[str] = mapped_column(Text(collation="C"), unique=True)
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    email: Mapped[str | None]
    company: Mapped[str | None]
    title: Mapped[str | None]
    address: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    notes: Mapped[str | None]
    # What the file says beside these, by its own column names.
    extra: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)
    # The last import that wrote it: an earlier one that is resumed must not overwrite what a later one brought.
    import_number: Mapped[int] = mapped_column(server_default=ZERO)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ListMember(Base):
    """A contact on a list."""

    __tablename__ = "list_members"

    list_id: Mapped[UUID] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)


class Property(Base):
    """A house or a piece of land, known by its parcel number (APN), or without one by its address."""

    __tablename__ = "properties"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    # "apn:..." or "address:...", in one case and spacing. In byte order, as contacts.phone.
    key: Mapped[str] = mapped_column(Text(collation="C"), unique=True)
    apn: Mapped[str | None]
    type: Mapped[str | None]
    address: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    subdivision: Mapped[str | None]
    longitude: Mapped[Decimal | None] = mapped_column(Numeric)
    latitude: Mapped[Decimal | None] = mapped_column(Numeric)
    year_built: Mapped[Decimal | None] = mapped_column(Numeric)
    purchase_date: Mapped[date | None]
    purchase_months_since: Mapped[Decimal | None] = mapped_column(Numeric)
    square_feet: Mapped[Decimal | None] = mapped_column(Numeric)
    beds: Mapped[Decimal | None] = mapped_column(Numeric)
    baths: Mapped[Decimal | None] = mapped_column(Numeric)
    estimated_value: Mapped[Decimal | None] = mapped_column(Numeric)
    estimated_equity: Mapped[Decimal | None] = mapped_column(Numeric)
    equity_percent: Mapped[Decimal | None] = mapped_column(Numeric)
    owner: Mapped[str | None]
    mail_address: Mapped[str | None]
    mail_city: Mapped[str | None]
    mail_state: Mapped[str | None]
    mail_zip: Mapped[str | None]
    owner_occupied: Mapped[bool | None]
    listed_for_sale: Mapped[bool | None]
    listing_status: Mapped[str | None]
    foreclosure: Mapped[bool | None]
    high_equity: Mapped[bool | None]
    extra: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)
    import_number: Mapped[int] = mapped_column(server_default=ZERO)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PropertyContact(Base):
    """A contact of a property: its primary or its secondary one."""

    __tablename__ = "property_contacts"
    __table_args__ = (
        CheckConstraint("role IN ('primary', 'secondary')", name="property_contacts_role"),
        Index("property_contacts_contact", "contact_id"),
    )

    property_id: Mapped[UUID] = mapped_column(ForeignKey("properties.id"), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    role: Mapped[str]
    import_number: Mapped[int] = mapped_column(server_default=ZERO)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Campaign(Base):
    """A campaign: a message to many contacts."""

    __tablename__ = "campaigns"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CampaignMember(Base):
    """A contact on a campaign, and what came of the message to it."""

    __tablename__ = "campaign_members"
    __table_args__ = (
        # The words are those of app/imports/kinds/campaign.py; a test compares the two.
        CheckConstraint(
            "status IN ('pending', 'sent', 'delivered', 'failed', 'replied')", name="campaign_members_status"
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    status: Mapped[str | None]
    message_sent_at: Mapped[datetime | None]
    openphone_message_id: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)
    import_number: Mapped[int] = mapped_column(server_default=ZERO)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Import(Base):
    """One upload on its way in: what was asked for, how far it is, what came of it."""

    __tablename__ = "imports"
    __table_args__ = (
        # The states are those of app/imports/status.py; a test compares the two.
        CheckConstraint(
            "status IN ('received', 'running', 'handed_off', 'interrupted', 'completed', 'completed_with_errors',"
            " 'failed', 'cancelled')",
            name="imports_status",
        ),
        CheckConstraint("owner IN ('web', 'worker')", name="imports_owner"),
        Index("imports_unfinished", "sha256", postgresql_where=text("finished_at IS NULL")),
        Index("imports_cancelled", "id", postgresql_where=text("status = 'cancelled'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    # Short enough for the two-key form of advisory locks, and the order of arrival.
    number: Mapped[int] = mapped_column(Identity(), unique=True)
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    kind: Mapped[str]
    mode: Mapped[str]
    on_duplicate: Mapped[str]
    dry_run: Mapped[bool] = mapped_column(server_default=text("false"))
    # Where its contacts go: a list, or for campaign contacts a campaign.
    list_id: Mapped[UUID | None] = mapped_column(ForeignKey("lists.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.id"))
    filename: Mapped[str]
    # The file as intake understood it.
    header: Mapped[list[str]]
    unknown_columns: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    encoding: Mapped[str] = mapped_column(server_default=text("'utf-8'"))
    delimiter: Mapped[str] = mapped_column(server_default=text("','"))
    trailer: Mapped[str | None]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]

    status: Mapped[str]
    # Who sees it through: the request that brought it, or the background worker.
    owner: Mapped[str] = mapped_column(server_default=text("'web'"))
    process: Mapped[str | None]  # host:pid of the last that worked on it
    fencing_token: Mapped[int] = mapped_column(server_default=ZERO)
    # The worker's: when the queue was last told, how often in a row it failed, not before when it is tried again.
    woken_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default=ZERO)
    retry_at: Mapped[datetime | None]
    rows_total: Mapped[int]
    rows_done: Mapped[int] = mapped_column(server_default=ZERO)
    rows_rejected: Mapped[int] = mapped_column(server_default=ZERO)
    rows_duplicate: Mapped[int] = mapped_column(server_default=ZERO)
    created: Mapped[int] = mapped_column(server_default=ZERO)
    updated: Mapped[int] = mapped_column(server_default=ZERO)
    unchanged: Mapped[int] = mapped_column(server_default=ZERO)
    skipped: Mapped[int] = mapped_column(server_default=ZERO)
    # What became of contacts, properties, links and members: {"contacts": {"created": 3, ...}, ...}
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)
    contacts_to_sync: Mapped[int] = mapped_column(server_default=ZERO)
    contacts_synced: Mapped[int] = mapped_column(server_default=ZERO)
    contacts_failed: Mapped[int] = mapped_column(server_default=ZERO)
    openphone_calls: Mapped[int] = mapped_column(server_default=ZERO)
    openphone_cpu_seconds: Mapped[float] = mapped_column(server_default=ZERO)
    stage_seconds: Mapped[dict[str, Any]] = mapped_column(server_default=NOTHING)
    error: Mapped[str | None]
    failure: Mapped[str | None]  # the problem type of a failed import
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class UploadPiece(Base):
    """A piece of an upload, kept until its import is finished."""

    __tablename__ = "upload_pieces"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class RowError(Base):
    """A row that was not imported, as it stood in the file, and why."""

    __tablename__ = "row_errors"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]
    fix: Mapped[str] = mapped_column(server_default=text("''"))
    cells: Mapped[list[str]]


class HeldRecord(Base):
    """What a row says of a contact, property, link or member that other rows of its file speak of, too.

    Kept until all rows are read, then merged as one: so the file's last word counts, wherever its chunks end.
    """

    __tablename__ = "held_records"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    fields: Mapped[dict[str, Any]]


class IdempotencyKey(Base):
    """A client's name for one request. Its answer is the import's report, the same whenever it is asked for again."""

    __tablename__ = "idempotency_keys"

    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboxEntry(Base):
    """A contact that OpenPhone has yet to hear of, written in the transaction that changed the contact."""

    __tablename__ = "openphone_outbox"
    __table_args__ = (
        UniqueConstraint("import_id", "contact_id"),
        Index("openphone_outbox_unsynced", "contact_id", postgresql_where=text("state <> 'done'")),
        Index("openphone_outbox_pending", "import_id", "id", postgresql_where=text("state = 'pending'")),
        Index("openphone_outbox_queue", "retry_at", "id", postgresql_where=text("state = 'pending'")),
        Index("openphone_outbox_dead", "id", postgresql_where=text("state = 'failed'")),
        Index("openphone_outbox_settled", "settled_at", postgresql_where=text("state <> 'pending'")),
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="openphone_outbox_state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"))
    state: Mapped[str] = mapped_column(server_default=text("'pending'"))
    error: Mapped[str | None]
    # In the background: failed attempts so far, not before when the next one is, and when it was done or given up.
    attempts: Mapped[int] = mapped_column(server_default=ZERO)
    retry_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class OpenPhoneLink(Base):
    """The vendor's id of a contact. A table of its own, so that syncing never locks a contact against a merge."""

    __tablename__ = "openphone_links"

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    openphone_id: Mapped[str]
    synced_at: Mapped[datetime] = mapped_column(server_default=func.now())
