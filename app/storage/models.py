"""The tables."""

from datetime import datetime
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
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NEW_UUID = text("gen_random_uuid()")
ZERO = text("0")


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
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


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
    # The last import that wrote it: an earlier one that is resumed must not overwrite what a later one brought.
    import_number: Mapped[int] = mapped_column(server_default=ZERO)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ListMember(Base):
    """A contact on a list."""

    __tablename__ = "list_members"

    list_id: Mapped[UUID] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)


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
        Index("imports_unfinished", "sha256", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=NEW_UUID)
    # Short enough for the two-key form of advisory locks, and the order of arrival.
    number: Mapped[int] = mapped_column(Identity(), unique=True)
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    kind: Mapped[str]
    mode: Mapped[str]
    on_duplicate: Mapped[str]
    list_id: Mapped[UUID] = mapped_column(ForeignKey("lists.id"))
    filename: Mapped[str]
    header: Mapped[list[str]]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]

    status: Mapped[str]
    fencing_token: Mapped[int] = mapped_column(server_default=ZERO)
    rows_total: Mapped[int]
    rows_done: Mapped[int] = mapped_column(server_default=ZERO)
    rows_rejected: Mapped[int] = mapped_column(server_default=ZERO)
    rows_duplicate: Mapped[int] = mapped_column(server_default=ZERO)
    created: Mapped[int] = mapped_column(server_default=ZERO)
    updated: Mapped[int] = mapped_column(server_default=ZERO)
    unchanged: Mapped[int] = mapped_column(server_default=ZERO)
    contacts_to_sync: Mapped[int] = mapped_column(server_default=ZERO)
    contacts_synced: Mapped[int] = mapped_column(server_default=ZERO)
    contacts_failed: Mapped[int] = mapped_column(server_default=ZERO)
    openphone_calls: Mapped[int] = mapped_column(server_default=ZERO)
    openphone_cpu_seconds: Mapped[float] = mapped_column(server_default=ZERO)
    stage_seconds: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    error: Mapped[str | None]
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
    cells: Mapped[list[str]]


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
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="openphone_outbox_state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"))
    state: Mapped[str] = mapped_column(server_default=text("'pending'"))
    error: Mapped[str | None]


class OpenPhoneLink(Base):
    """The vendor's id of a contact. A table of its own, so that syncing never locks a contact against a merge."""

    __tablename__ = "openphone_links"

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    openphone_id: Mapped[str]
    synced_at: Mapped[datetime] = mapped_column(server_default=func.now())
