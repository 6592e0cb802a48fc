"""The audit trail: who did what to what."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text


def record(connection: Connection, action: str, subject: str, *, api_key_id: UUID | None, **detail: Any) -> None:
    """Adds an event in the open transaction, so that it is there exactly when what it tells of is."""
    connection.execute(
        text(
            "INSERT INTO audit_events (api_key_id, action, subject, detail)"
            " VALUES (:api_key_id, :action, :subject, CAST(:detail AS jsonb))"
        ),
        {"api_key_id": api_key_id, "action": action, "subject": subject, "detail": json.dumps(detail, default=str)},
    )
