"""The system under test: a CSV import as in a small CRM. Knows nothing of the harness."""

from typing import TYPE_CHECKING

from config import Settings, load_settings

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The WSGI app, with *settings* or those of the environment. Raises config.ConfigError."""
    # Here, for a command or a worker needs a part of this package only, and all of it takes a second to import.
    from app.factory import make  # noqa: PLC0415

    return make(settings or load_settings())
