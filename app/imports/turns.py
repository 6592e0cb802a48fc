"""Whose turn it is to write: an import in one transaction keeps its locks on rows, in the order of its file.

Two that want the same rows in another order would lock each other out. So one in a single transaction writes alone, and
those that write chunk by chunk, in the order of their keys, write side by side.
"""

from sqlalchemy import Connection, text

TURNS = 0x74_6C_6A  # "tlj"


def alone(connection: Connection) -> None:
    """Waits until no other import writes; until the open transaction ends none will."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:turns, 0)"), {"turns": TURNS})


def side_by_side(connection: Connection) -> None:
    """Waits until no import writes alone; until the open transaction ends none will."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:turns, 0)"), {"turns": TURNS})
